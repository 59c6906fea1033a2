# shellcheck shell=bash
# What the lab says goes to stderr; stdout is for answers (status, inventory, a guest's output).

say() { printf 'lab: %s\n' "$*" >&2; }

# die MESSAGE [HINT...]: one sentence on what is wrong, then what to do about it.
die() {
  printf 'lab: error: %s\n' "$1" >&2
  shift
  if (($#)); then printf '     %s\n' "$@" >&2; fi
  exit 1
}

# in_parallel FUNCTION ARGUMENT...: calls FUNCTION once for each argument, all at once; fails if one fails.
in_parallel() {
  local call=$1 argument failed=0 job
  local -a jobs=()
  shift
  for argument; do
    "$call" "$argument" &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "$job" || failed=1; done
  return "$failed"
}

# until_true SECONDS COMMAND...: asks ten times a second; fails when the time is over.
until_true() {
  local deadline=$(($(now_ms) + $1 * 1000))
  shift
  until "$@"; do
    (($(now_ms) < deadline)) || return 1
    sleep 0.1
  done
}

now_ms() { echo "$((${EPOCHREALTIME/[.,]/} / 1000))"; }
