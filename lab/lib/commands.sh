# shellcheck shell=bash
# The commands of lab/lab, one function each.

lab_main() {
  local command=${1:-help}
  (($# == 0)) || shift
  case $command in
    help | -h | --help) usage && return ;;
    up | down | reset | start | stop | kill | status | ssh | exec | net | inventory) ;;
    *) die "'$command' is no command of the lab." 'lab/lab help lists them.' ;;
  esac
  [[ $command == inventory ]] || require_machine
  load_settings
  "lab_$command" "$@"
}

usage() {
  cat <<'END'
lab/lab COMMAND        (or: npm run lab -- COMMAND; needs root on Debian or Ubuntu)

  up                   bring the lab up; does nothing where it is up already; repairs one that was killed
  down                 take everything down and forget the guests' disks (the image and the keys are kept)
  reset [HOST...]      give these hosts (default: all) a bare disk and start them
  start | stop [HOST...]   power hosts on, shut them down in order; their disks stay
  kill HOST...         cut a host's power; its disk stays
  status [--quiet]     a table of the hosts; --quiet: none, but exit code 0 if all of them answer, else 3
  ssh [USER@]HOST [COMMAND...]   log in (as admin unless USER is given)
  exec HOST COMMAND... run a command on the host as root, also when its network is cut
  net HOST cut [PEER]  drop all packets of a host, or those between two hosts
  net HOST heal        let them through again, and without delay
  net HOST delay 25ms  delay what is sent to the host (needs the kernel's netem)
  inventory            print the inventory to give to `play -i`

Environment: PLAY_LAB_NAME (play), PLAY_LAB_NETWORK (10.15.0), PLAY_LAB_HOSTS (4; up to 8),
PLAY_LAB_BRIDGE (br-NAME), PLAY_LAB_STATE (lab/.state), PLAY_LAB_CACHE (PLAY_LAB_STATE/cache),
PLAY_LAB_RELEASE (bookworm, which has PostgreSQL 15; or trixie: 17, and 15 for an upgrade from there),
PLAY_LAB_MIRROR (a Debian mirror, where this machine's own sources, or deb.debian.org, are not the ones to use),
PLAY_LAB_IMAGE_EXTRA (more packages in the guests: python3,rsync; an image of its own; bench/ uses it),
PLAY_LAB_REPOSITORY_EXTRA (more packages in the lab's repository, with what they depend on: nginx,chrony).
END
}

lab_up() {
  no_more_arguments up "$@"
  require_packages
  take_lock
  require_disk
  allow_many_guests
  refuse_other_settings
  network_up
  save_settings
  ensure_image
  ensure_keys
  write_inventory
  repository_up
  in_parallel start_guest "${HOSTS[@]}"
  in_parallel wait_for_guest "${HOSTS[@]}"
  say "up: ${HOSTS[*]} on $LAB_NETWORK.0/24; inventory: $(inventory_path)"
}

lab_down() {
  no_more_arguments down "$@"
  [[ -d $STATE ]] || owns_bridge || return 0
  take_lock
  local -a guests
  mapfile -t guests < <({ printf '%s\n' "${HOSTS[@]}" && made_hosts; } | sort -u)
  in_parallel remove_guest "${guests[@]}"
  repository_down
  network_down
  empty_trash
  rm -f "$STATE/settings"
}

lab_reset() {
  choose_hosts "$@"
  enter_lab
  ensure_image
  repository_up
  in_parallel renew_guest "${CHOSEN[@]}"
  in_parallel wait_for_guest "${CHOSEN[@]}"
  (close_locks && empty_trash) </dev/null &>/dev/null &
}

lab_start() {
  choose_hosts "$@"
  enter_lab
  ensure_image
  repository_up
  in_parallel start_guest "${CHOSEN[@]}"
  in_parallel wait_for_guest "${CHOSEN[@]}"
}

lab_stop() {
  choose_hosts "$@"
  enter_lab
  in_parallel stop_guest "${CHOSEN[@]}"
}

lab_kill() {
  (($#)) || die 'lab kill needs the name of a host.' 'For example: lab/lab kill vm3'
  choose_hosts "$@"
  enter_lab
  in_parallel cut_power "${CHOSEN[@]}"
}

lab_ssh() {
  (($#)) || die 'lab ssh needs the name of a host.' 'For example: lab/lab ssh vm3'
  local host=${1##*@} user=admin
  [[ $1 != *@* ]] || user=${1%@*}
  shift
  check_host "$host"
  [[ -s $STATE/known_hosts ]] || die "the lab '$LAB_NAME' is not up." 'Bring it up first: lab/lab up'
  local -a options
  mapfile -t options < <(ssh_options)
  exec ssh "${options[@]}" -o ConnectTimeout=5 "$user@$(address_of "$host")" "$@"
}

lab_exec() {
  (($# > 1)) || die 'lab exec needs a host and a command.' 'For example: lab/lab exec vm1 journalctl -n 20'
  local host=$1 init
  shift
  check_host "$host"
  init=$(guest_init "$host") || die "$host is not running." "Start it: lab/lab start $host"
  exec nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup \
    env -i --chdir=/root HOME=/root USER=root LOGNAME=root SHELL=/bin/bash TERM="${TERM:-dumb}" LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

lab_inventory() { inventory_path; }

# Each host is asked at the same time; the table is in the hosts' order.
lab_status() {
  if [[ ${1:-} == --quiet ]]; then
    in_parallel answers "${HOSTS[@]}" || exit 3
    return
  fi
  no_more_arguments status "$@"
  printf '%-6s %-15s %-8s %-11s %s\n' HOST ADDRESS STATE UPTIME SSH
  in_parallel describe_guest "${HOSTS[@]}" | sort
}

# remove_guest HOST: also one that this lab no longer counts.
remove_guest() {
  cut_power "$1"
  drop_disk "$1"
}

renew_guest() {
  remove_guest "$1"
  start_guest "$1"
}
