#!/usr/bin/env bash
# in-step.sh KEY KNOWN_HOSTS COMMAND TIMES ADDRESS...: one session a host, as in in-parallel.sh, but each command ends on all
# hosts before the next begins anywhere, as the tasks of a play do.
set -euo pipefail
key=$1 known=$2 command=$3 times=$4
shift 4
pipes=$(mktemp -d)
trap 'rm -rf "$pipes"' EXIT

declare -a into from
for address in "$@"; do
  mkfifo "$pipes/$address.in" "$pipes/$address.out"
  ssh -F none -i "$key" -o IdentitiesOnly=yes -o BatchMode=yes -o "UserKnownHostsFile=$known" "admin@$address" sh \
    <"$pipes/$address.in" >"$pipes/$address.out" &
  exec {fd}>"$pipes/$address.in" {answers}<"$pipes/$address.out"
  into+=("$fd") from+=("$answers")
done
for ((i = 0; i < times; i++)); do
  for fd in "${into[@]}"; do echo "$command </dev/null; echo \$?" >&"$fd"; done
  for fd in "${from[@]}"; do
    read -r code <&"$fd"
    [ "$code" = 0 ]
  done
done
for fd in "${into[@]}"; do exec {fd}>&-; done
wait
for address in "$@"; do echo "ran $times"; done
