#!/bin/sh
# Finds the root file system by the id of its partition, and starts the system that is on it. A root
# that is verified is set up first with the hash that the command line has for it.
PATH=/bin:/sbin
export PATH
/bin/busybox mkdir -p /dev /proc /sys /root
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys

say() { echo "imgstore: $*"; }

root='' roothash='' type=ext4 flags='' mode=ro init=/sbin/init
set -f
# shellcheck disable=SC2013 # words are what is wanted
for word in $(cat /proc/cmdline); do
  case $word in
    root=*) root=${word#root=} ;;
    roothash=*) roothash=${word#roothash=} ;;
    rootfstype=*) type=${word#rootfstype=} ;;
    rootflags=*) flags=,${word#rootflags=} ;;
    init=*) init=${word#init=} ;;
    ro | rw) mode=$word ;;
  esac
done
set +f

failed=''
while read -r module; do
  insmod "/modules/$module" 2>/dev/null || failed="$failed ${module%.ko}"
done </modules/order

# Newer kernels say the id of a partition; of older ones the partition table is read.
by_kernel() {
  for path in /sys/class/block/*; do
    if grep -qi "^PARTUUID=$id\$" "$path/uevent" 2>/dev/null; then
      found=/dev/${path##*/}
      return 0
    fi
  done
  return 1
}

by_table() {
  for path in /sys/class/block/*; do
    disk=${path##*/}
    case $disk in loop* | ram* | sr* | fd*) continue ;; esac
    if [ -e "$path/partition" ] || [ ! -b "/dev/$disk" ]; then continue; fi
    [ "$(dd if="/dev/$disk" bs=8 skip=64 count=1 2>/dev/null | tr -d '\0')" = 'EFI PART' ] || continue
    number=$(dd if="/dev/$disk" bs=512 skip=2 count=32 2>/dev/null |
      hexdump -v -e '128/1 "%02x" "\n"' | grep -n "^.\{32\}$raw" | head -n 1 | cut -d: -f1)
    [ -n "$number" ] || continue
    for part in "$path"/*/partition; do
      if [ "$(cat "$part" 2>/dev/null)" = "$number" ]; then
        part=${part%/partition}
        found=/dev/${part##*/}
        return 0
      fi
    done
  done
  return 1
}

explain() {
  say "cannot start: $*"
  say "block devices here: $(cd /sys/class/block && echo *)"
  [ -z "$failed" ] || say "modules that did not load:$failed"
}

case $root in
  PARTUUID=*) ;;
  *)
    explain "the kernel's command line has no root=PARTUUID=, so there is nothing to look for"
    while :; do sleep 3600; done
    ;;
esac

# Waits for the partition of this id. In the partition table its first three fields are turned round.
look_for() {
  id=$(echo "$1" | tr A-F a-f)
  raw=$(echo "$id" | sed 's/^\(..\)\(..\)\(..\)\(..\)-\(..\)\(..\)-\(..\)\(..\)-.*$/\4\3\2\1\6\5\8\7/')$(echo "$id" | cut -c20-23,25-36)
  tries=0
  found=''
  until by_kernel || by_table; do
    tries=$((tries + 1))
    if [ $tries = 300 ]; then
      explain "no partition has the id $id; attach the disk this system was written to; still looking"
    fi
    usleep 100000
  done
}

# The second half of the hash is the id of the partition that proves the root; what is read of the root
# afterwards is proved by it, or the reader gets an error.
verify() {
  data=$found
  half=$(echo "$roothash" | sed 's/^.\{32\}\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)\(.\{12\}\)$/\1-\2-\3-\4-\5/')
  look_for "$half"
  # shellcheck disable=SC2154 # the numbers are in /verity
  table="0 $((blocks * 8)) verity 1 $data $found 4096 4096 $blocks 1 sha256 $roothash $salt"
  until dmsetup create root --readonly --noudevsync --noudevrules --table "$table" >/dev/null; do
    explain "the root on $data cannot be verified with $found; see above for why; trying again"
    sleep 30
  done
  found=/dev/mapper/root
  [ -b $found ] || found=/dev/dm-0
  until dd if=$found of=/dev/null bs=4096 count=1 2>/dev/null; do
    explain "the root on $data is not the one with the hash $roothash: it was changed or is damaged; write the disk again"
    sleep 3600
  done
  say "the root on $data is verified by $roothash"
}

look_for "${root#PARTUUID=}"
id=${root#PARTUUID=}
if [ -e /verity ]; then
  # shellcheck source=/dev/null
  . /verity
  until [ -n "$roothash" ]; do
    explain "the kernel's command line has no roothash=, and an unproved root is not started"
    sleep 3600
  done
  verify
fi

until mount -t "$type" -o "$mode$flags" "$found" /root; do
  explain "$found has the id $id, but cannot be mounted as $type; the disk may be damaged; trying again"
  sleep 30
done

# What is written to a verified root is kept in memory: over /var lies what differs from the image.
if [ -e /verity ]; then
  mount -t tmpfs -o mode=0755,nosuid,nodev run /root/run || say "there is no directory /run on the root"
  mount -t tmpfs -o mode=0755 writable /writable
  # shellcheck disable=SC2154 # the names are in /verity
  for place in $memory; do
    if [ "$place" = tmp ]; then
      mount -t tmpfs -o mode=1777,nosuid,nodev tmp /root/tmp || say "cannot keep /tmp in memory"
    else
      mkdir -p "/writable/$place" "/writable/$place.work"
      mount -t overlay -o "lowerdir=/root/$place,upperdir=/writable/$place,workdir=/writable/$place.work" "$place" "/root/$place" ||
        say "cannot keep /$place in memory"
    fi
  done
fi

until [ -e "/root$init" ] || [ -L "/root$init" ]; do
  explain "there is no $init on $found, or it cannot be read; name another with init= on the kernel's command line"
  sleep 3600
done

for moved in dev proc sys; do
  mount --move "/$moved" "/root/$moved" || say "there is no directory /$moved on $found"
done
exec switch_root /root "$init"
