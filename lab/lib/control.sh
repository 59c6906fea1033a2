# shellcheck shell=bash disable=SC2034
# What the commands share: the locks, the choice of hosts, one line of the table.

# One change of a lab at a time. The lock dies with the shell that holds it.
take_lock() {
  mkdir -p "$STATE"
  exec {LAB_LOCK}>"$STATE/lock"
  flock --nonblock "$LAB_LOCK" && return
  say "waiting: another command is changing the lab '$LAB_NAME'"
  flock "$LAB_LOCK"
}

# For what outlives this shell: it must not keep the locks.
close_locks() {
  [[ -z ${LAB_LOCK:-} ]] || exec {LAB_LOCK}>&-
  [[ -z ${CACHE_LOCK:-} ]] || exec {CACHE_LOCK}>&-
}

# Sets CHOSEN to the hosts named, or to all.
choose_hosts() {
  local host
  for host; do check_host "$host"; done
  if (($#)); then CHOSEN=("$@"); else CHOSEN=("${HOSTS[@]}"); fi
}

no_more_arguments() { (($# == 1)) || die "lab $1 takes no arguments, but got: ${*:2}"; }

# For commands that change single hosts of a lab that is up.
enter_lab() {
  owns_bridge || die "the lab '$LAB_NAME' is not up." 'Bring it up first: lab/lab up'
  take_lock
  refuse_other_settings
}

made_hosts() {
  [[ ! -d $STATE/hosts ]] || find "$STATE/hosts" -mindepth 1 -maxdepth 1 -type d -printf '%f\n'
}

answers() { [[ $(guest_state "$1") == running ]] && can_log_in "$1"; }

describe_guest() {
  local host=$1 condition uptime=- ssh=- init
  condition=$(guest_state "$host")
  if [[ $condition == running ]]; then
    if init=$(guest_init "$host"); then uptime=$(ps -o etime= -p "$init" | tr -d ' ') || uptime=-; fi
    if can_log_in "$host"; then ssh=yes; else ssh=no; fi
  fi
  printf '%-6s %-15s %-8s %-11s %s\n' "$host" "$(address_of "$host")" "$condition" "$uptime" "$ssh"
}
