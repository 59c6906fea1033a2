# shellcheck shell=bash
# What the machine must have, and the packages the lab installs for itself.

# package:command it brings (or, with a slash, a file)
readonly NEEDED=(
  mmdebstrap:mmdebstrap systemd-container:systemd-nspawn iproute2:ip apt-utils:apt-ftparchive gnupg:gpg
  openssh-client:ssh-keygen util-linux:flock nftables:nft
  debian-archive-keyring:/usr/share/keyrings/debian-archive-keyring.gpg
)

require_machine() {
  if [[ ! -r /etc/debian_version ]] || ! command -v apt-get >/dev/null; then
    die 'the lab needs Debian or Ubuntu (apt-get was not found).' "It installs these packages itself: $(package_names)."
  fi
  ((EUID == 0)) ||
    die 'the lab needs root: it makes network interfaces, mounts and containers.' \
      "Run it as root (sudo). On Debian or Ubuntu it installs these packages itself: $(package_names)."
}

require_packages() {
  local entry command
  local -a missing=()
  for entry in "${NEEDED[@]}"; do
    command=${entry#*:}
    if [[ $command == /* ]]; then [[ -e $command ]] && continue; else command -v "$command" >/dev/null && continue; fi
    missing+=("${entry%%:*}")
  done
  command -v node >/dev/null || die 'the lab needs Node.js 20.19 or later (node was not found).'
  ((${#missing[@]})) || return 0
  say "installing packages: ${missing[*]}"
  apt_quietly update
  apt_quietly install --yes --no-install-recommends "${missing[@]}"
}

# apt_quietly ARGUMENT...: apt-get of this machine, silent unless it fails.
apt_quietly() {
  local output
  output=$(DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
    apt-get -q -o DPkg::Lock::Timeout=120 "$@" 2>&1 </dev/null) ||
    die "apt-get $1 failed on this machine:" "$(tail -n 8 <<<"$output")"
}

# Overlay disks need a file system that can be an overlay's upper layer.
require_disk() {
  local kind
  kind=$(stat --file-system --format=%T "$STATE")
  [[ $kind != overlayfs ]] ||
    die "$STATE is itself on an overlay file system (inside a container?), which cannot hold the guests' disks." \
      'Set PLAY_LAB_STATE to a folder on an ordinary file system (ext4, xfs, btrfs), such as a mounted volume.'
  [[ $kind != tmpfs && $kind != ramfs ]] ||
    die "$STATE is in memory ($kind); the guests' disks would fill it." 'Set PLAY_LAB_STATE to a folder on a disk.'
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
    die "this kernel has no overlay file system, which the guests' disks need."
}

# Every systemd and what it starts has its inotify instances, and the kernel counts them for root on the whole machine: at
# 128, the default, about twenty guests run, and the next one stops booting without a word. The limit stays raised.
allow_many_guests() {
  local limit=/proc/sys/fs/inotify/max_user_instances
  (($(<"$limit") >= 1024)) || echo 1024 >"$limit" 2>/dev/null || true
}

package_names() { printf '%s ' "${NEEDED[@]%%:*}" | sed 's/ $//'; }
