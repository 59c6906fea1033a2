# shellcheck shell=bash
# One guest: a disk (an overlay on the shared image), a container with systemd as PID 1, and its ssh server.

home_of() { echo "$STATE/hosts/$1"; }

# running | stopped | broken (half of it was killed) | bare (no disk of its own yet)
guest_state() {
  if guest_init "$1" >/dev/null; then
    if guest_supervisor "$1" >/dev/null; then echo running; else echo broken; fi
  elif [[ -e $(home_of "$1")/disk/ready ]]; then
    echo stopped
  else
    echo bare
  fi
}

# Starts the guest unless it runs, on the disk it has or on a new one. Whatever a killed lab left is cleared first.
start_guest() {
  if [[ $(guest_state "$1") == running ]] && plug_in "$1"; then return; fi
  cut_power "$1"
  ensure_disk "$1"
  launch "$1"
}

# As if the plug were pulled: the disk stays.
cut_power() {
  kill_guest "$1"
  drop_wire "$1"
}

# An orderly shutdown, then the same.
stop_guest() {
  local supervisor
  if supervisor=$(guest_supervisor "$1"); then
    kill -TERM "$supervisor" 2>/dev/null || true
    until_true 30 is_not_running "$1" || say "$1 did not shut down within 30 s; its power is cut"
  fi
  cut_power "$1"
}

is_not_running() { ! guest_init "$1" >/dev/null; }

launch() {
  local host=$1 home
  home=$(home_of "$host")
  mkdir -p "$home/root"
  (
    close_locks
    export SYSTEMD_NSPAWN_TMPFS_TMP=0
    run_in_cgroup "$host" "$(wire_of "$host")" "$(disk_layers "$host")" "$home/root" \
      systemd-nspawn --quiet --boot --register=no --keep-unit --settings=no \
      --directory="$home/root" --machine="$LAB_NAME-$host" --hostname="$host" --network-bridge="$LAB_BRIDGE" \
      --resolv-conf=off --timezone=off --link-journal=no --console=pipe
  ) </dev/null >"$home/console.log" 2>&1 &
}

# Waits until the login user can log in.
wait_for_guest() {
  until_true 60 can_log_in "$1" || {
    say "$1 does not answer ssh at $(address_of "$1"); it is $(guest_state "$1"). The end of its console:"
    tail -n 15 "$(home_of "$1")/console.log" >&2
    return 1
  }
}

can_log_in() {
  local -a options
  mapfile -t options < <(ssh_options)
  ssh "${options[@]}" -o ConnectTimeout=1 "admin@$(address_of "$1")" true </dev/null &>/dev/null
}
