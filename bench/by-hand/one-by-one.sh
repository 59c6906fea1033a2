#!/usr/bin/env bash
# one-by-one.sh KEY KNOWN_HOSTS COMMAND TIMES ADDRESS...: as in-parallel.sh, but each COMMAND is an ssh of its own through
# the host's one connection, as in `for command in …; do ssh host "$command"; done`.
set -euo pipefail
export key=$1 known=$2 command=$3 times=$4
shift 4
sockets=$(mktemp -d)
export sockets
trap 'rm -rf "$sockets"' EXIT

on_host() {
  local i
  local -a words=(ssh -n -F none -i "$key" -o IdentitiesOnly=yes -o BatchMode=yes -o "UserKnownHostsFile=$known"
    -o ControlMaster=auto -o ControlPersist=60 -o "ControlPath=$sockets/%h" "admin@$1")
  for ((i = 0; i < times; i++)); do "${words[@]}" "$command"; done
  "${words[@]}" -O exit 2>/dev/null
  echo "ran $times"
}
export -f on_host
printf '%s\n' "$@" | xargs -P 50 -I ADDRESS bash -euc 'on_host ADDRESS'
