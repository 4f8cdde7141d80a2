#!/bin/sh
# Gives this machine, once, what its hypervisor has for it: files, a host name, keys for ssh. Looks among the
# credentials that systemd takes from SMBIOS and fw_cfg, and on a disk that is labelled imgstore.
LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 022
credentials=${CREDENTIALS_DIRECTORY:-/nonexistent}
disk=/run/imgstore/user-data
done=/etc/imgstore/user-data.done

say() { echo "imgstore: $*"; }
fail() {
  say "this machine is not as it was asked for: $*"
  exit 1
}

file=''
taken=''
take() { # take NAME BYTES: whether there is such a file, which is $file then; the credential comes first
  for file in "$credentials/imgstore.$1" "$disk/$1"; do
    [ -f "$file" ] || continue
    [ "$(stat -L -c %s "$file")" -le "$2" ] || fail "$1 has more than $2 bytes"
    taken="$taken $1"
    return 0
  done
  return 1
}
put() { # put FILE MODE: what comes in is the file's content, at once
  [ ! -d "$1" ] || fail "$1 is a directory"
  if ! cat >"$1.new" || ! chmod "$2" "$1.new" || ! mv -f "$1.new" "$1"; then
    fail "$1 cannot be written"
  fi
}

! command -v udevadm >/dev/null || udevadm settle --timeout=10
for label in imgstore IMGSTORE; do
  found=$(blkid -L "$label") || continue
  mkdir -p "$disk"
  mount -t iso9660,vfat,ext4 -o ro,nosuid,nodev,noexec "$found" "$disk" || fail "the disk $found cannot be read"
  break
done

if take files.tar 268435456; then
  tar -C / -xpf "$file" --numeric-owner --no-overwrite-dir --keep-directory-symlink || fail "files.tar does not unpack"
fi
if take hostname 65; then
  name=$(cat "$file")
  word='[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
  case $name in *[!A-Za-z0-9.-]*) fail "hostname is no name of a machine" ;; esac
  printf '%s\n' "$name" | grep -Eqx "$word(\\.$word)*" || fail "hostname is no name of a machine"
  printf '%s\n' "$name" | put /etc/hostname 644
  printf '%s\n' "$name" >/proc/sys/kernel/hostname
fi
if take authorized_keys 65536; then
  if tr -d '\t\n\040-\176' <"$file" | grep -q ''; then fail "authorized_keys holds what is no text"; fi
  if ! mkdir -p /root/.ssh || ! chmod 700 /root/.ssh; then fail "/root/.ssh cannot be made"; fi
  { [ ! -s /root/.ssh/authorized_keys ] || cat /root/.ssh/authorized_keys && echo && cat "$file"; } |
    put /root/.ssh/authorized_keys 600
fi

[ -n "$taken" ] || exit 0 # nobody gave anything; the next start looks again
mkdir -p "${done%/*}" && echo "$taken" | put "$done" 644
sync
say "this machine has its$taken"
