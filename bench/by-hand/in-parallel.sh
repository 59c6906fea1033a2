#!/usr/bin/env bash
# in-parallel.sh KEY KNOWN_HOSTS SCRIPT ADDRESS...: runs SCRIPT on all hosts, at most 50 at once, one session each.
set -euo pipefail
key=$1 known=$2 script=$3
shift 3
printf '%s\n' "$@" | xargs -P 50 -I ADDRESS ssh -n -F none -i "$key" -o IdentitiesOnly=yes -o BatchMode=yes \
  -o "UserKnownHostsFile=$known" admin@ADDRESS "$script"
