# shellcheck shell=bash
# A guest's disk: what it changed, as an overlay on the shared image. Only the guest's own mount namespace mounts it
# (lib/keep-guest), so that a killed lab leaves no mount, and no guest holds on to the disk of another.

# The guest keeps the disk it has; one that was never finished is made anew.
ensure_disk() {
  local disk began_with
  disk=$(home_of "$1")/disk
  if [[ ! -e $disk/ready ]]; then
    drop_disk "$1"
    mkdir -p "$disk/upper" "$disk/work"
    echo "$IMAGE" >"$disk/image"
    personalize "$1" "$disk/upper" "$IMAGE/root"
    touch "$disk/ready"
  fi
  # An overlay on another image than it began with would be garbage.
  began_with=$(<"$disk/image")
  [[ -d $began_with/root ]] ||
    die "the image that the disk of $1 began with is gone: $began_with" "Make it anew: lab/lab reset $1"
}

# The overlay's mount options.
disk_layers() {
  local disk
  disk=$(home_of "$1")/disk
  echo "lowerdir=$(<"$disk/image")/root,upperdir=$disk/upper,workdir=$disk/work"
}

# A used disk takes a second to delete, so it is only put aside here.
drop_disk() {
  local disk trash
  disk=$(home_of "$1")/disk
  [[ -d $disk ]] || return 0
  mkdir -p "$STATE/trash"
  trash=$(mktemp -d -p "$STATE/trash")
  mv "$disk" "$trash"
}

# One at a time: whoever comes second waits for the first.
empty_trash() {
  [[ -d $STATE/trash ]] || return 0
  (
    flock "$TRASH_LOCK"
    find "$STATE/trash" -mindepth 1 -maxdepth 1 -exec rm -rf --one-file-system {} +
  ) {TRASH_LOCK}>"$STATE/trash.lock"
}

# personalize HOST UPPER BASE: what one host has and the others have not: name, address, identity, who may log in.
personalize() {
  local host=$1 upper=$2 base=$3 keys folder other user
  keys=$(home_of "$host")/keys
  for folder in etc/ssh etc/systemd/network home/admin home/dba; do like_image "$upper" "$base" "$folder"; done

  echo "$host" >"$upper/etc/hostname"
  {
    printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n'
    for other in "${HOSTS[@]}"; do echo "$(address_of "$other") $other"; done
  } >"$upper/etc/hosts"
  printf '%s\n' '[Match]' 'Name=host0' '[Network]' "Address=$(address_of "$host")/24" "Gateway=$GATEWAY" \
    'LinkLocalAddressing=no' 'IPv6AcceptRA=no' >"$upper/etc/systemd/network/10-lab.network"
  printf 'play-lab %s %s' "$STATE" "$host" | md5sum | cut -c1-32 >"$upper/etc/machine-id"
  install -m 0600 "$keys/ssh_host_ed25519_key" "$upper/etc/ssh/"
  install -m 0644 "$keys/ssh_host_ed25519_key.pub" "$upper/etc/ssh/"

  for user in admin dba; do
    install -d -m 0700 "$upper/home/$user/.ssh"
    install -m 0600 "$STATE/id_ed25519.pub" "$upper/home/$user/.ssh/authorized_keys"
    chown -R --reference="$base/home/$user" "$upper/home/$user/.ssh"
  done
}

# like_image UPPER BASE FOLDER: FOLDER and those above it, with the owners and modes they have in the image.
like_image() {
  local path=''
  local -a names
  IFS=/ read -ra names <<<"$3"
  local name
  for name in "${names[@]}"; do
    path+=/$name
    [[ ! -d $1$path ]] || continue
    mkdir "$1$path"
    chown --reference="$2$path" "$1$path"
    chmod --reference="$2$path" "$1$path"
  done
}
