# shellcheck shell=bash
# The lab's keys. ssh keys are made once for a lab and outlive `reset` and `down`; the signing key is in lab/keys.

ensure_keys() {
  make_key "$STATE/id_ed25519" "play lab $LAB_NAME"
  mkdir -p "$STATE/public"
  cp "$LAB_HOME/keys/pgdg.asc" "$STATE/public/pgdg.asc"
  gpg --batch --quiet --show-keys --with-colons "$STATE/public/pgdg.asc" 2>/dev/null |
    awk -F: '$1 == "fpr" && !seen++ { print $10 }' >"$STATE/pgdg_key_fingerprint"
  local host
  for host in "${HOSTS[@]}"; do
    mkdir -p "$STATE/hosts/$host/keys"
    make_key "$STATE/hosts/$host/keys/ssh_host_ed25519_key" "root@$host"
    echo "$(address_of "$host"),$host $(cut -d' ' -f1,2 "$STATE/hosts/$host/keys/ssh_host_ed25519_key.pub")"
  done >"$STATE/known_hosts"
}

make_key() {
  [[ ! -s $1.pub ]] || return 0
  rm -f "$1"
  ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1"
}

# ssh_options HOST: one word a line.
ssh_options() {
  printf '%s\n' -F none -i "$STATE/id_ed25519" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \
    -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$STATE/known_hosts"
}
