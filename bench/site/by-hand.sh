#!/usr/bin/env bash
# by-hand.sh ADDRESSES KEY KNOWN_HOSTS REPOSITORY_KEY AUTHORITY: playbooks/site.yaml as one would write it by hand for these four
# hosts: hosts in parallel, one ssh session each for the servers and one for what joins them. Run again it checks what
# the playbook checks. ADDRESSES is 10.20.0 for 10.20.0.11 to .14. Says `changed: WHAT` for all that it changes.
set -euo pipefail
network=$1 here=$(dirname "$0")
sockets=$(mktemp -d)
trap 'for n in 1 2 3 4; do on $n -O exit; done 2>/dev/null; rm -rf "$sockets"' EXIT

on() {
  local host=$1
  shift
  ssh -F none -i "$key" -o IdentitiesOnly=yes -o BatchMode=yes -o "UserKnownHostsFile=$known" -o ControlMaster=auto \
    -o ControlPath="$sockets/%h" -o ControlPersist=60 "admin@$network.1$host" "$@"
}

# everywhere SCRIPT: runs it as root on all hosts at once; fails if one fails.
everywhere() {
  local n job failed=0
  local -a jobs=()
  for n in 1 2 3 4; do
    { tls_of "$n" && cat "$here/on-host.sh" "$here/$1"; } | on "$n" sudo bash -s -- "$n" "$network" "'$repository_key'" &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "$job" || failed=1; done
  return "$failed"
}

# tls_of N: the files of host N as assignments, on standard input: a key must not stand in a process's arguments.
tls_of() {
  printf 'root_cert=%q\ncert=%q\ncert_key=%q\n' \
    "$(<"$authority/ca.crt")" "$(<"$authority/hosts/vm$1.crt")" "$(<"$authority/hosts/vm$1.key")"
}

key=$2 known=$3 authority=$5
repository_key=$(<"$4")
"$here/certificates.sh" "$authority" "$network"
everywhere servers.sh
everywhere replication.sh
