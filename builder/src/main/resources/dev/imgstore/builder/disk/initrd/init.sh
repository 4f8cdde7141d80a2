#!/bin/sh
# Finds the root file system by the id of its partition, and starts the system that is on it.
PATH=/bin
export PATH
/bin/busybox mkdir -p /dev /proc /sys /root
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys

say() { echo "imgstore: $*"; }

root='' type=ext4 flags='' mode=ro init=/sbin/init
set -f
# shellcheck disable=SC2013 # words are what is wanted
for word in $(cat /proc/cmdline); do
  case $word in
    root=*) root=${word#root=} ;;
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

# The id as the kernel writes it, and as the partition table holds it: the first three fields turned round.
id=$(echo "${root#PARTUUID=}" | tr A-F a-f)
raw=$(echo "$id" | sed 's/^\(..\)\(..\)\(..\)\(..\)-\(..\)\(..\)-\(..\)\(..\)-.*$/\4\3\2\1\6\5\8\7/')$(echo "$id" | cut -c20-23,25-36)

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

tries=0
found=''
until by_kernel || by_table; do
  tries=$((tries + 1))
  if [ $tries = 300 ]; then
    explain "no partition has the id $id; attach the disk this system was written to; still looking"
  fi
  usleep 100000
done

until mount -t "$type" -o "$mode$flags" "$found" /root; do
  explain "$found has the id $id, but cannot be mounted as $type; the disk may be damaged; trying again"
  sleep 30
done

until [ -e "/root$init" ] || [ -L "/root$init" ]; do
  explain "there is no $init on $found; name another with init= on the kernel's command line"
  sleep 3600
done

for moved in dev proc sys; do
  mount --move "/$moved" "/root/$moved" || say "there is no directory /$moved on $found"
done
exec switch_root /root "$init"
