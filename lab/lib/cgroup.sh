# shellcheck shell=bash
# Every guest runs in a control group of its own: what is in it is the guest, whatever became of its supervisor.
# Process ids are never written down, so that none can be stale or reused.

# run_in_cgroup HOST ARGUMENT...: replaces this shell by lib/keep-guest, in the guest's own group.
run_in_cgroup() {
  local host=$1
  local -a scope=() folders
  shift
  if has_systemd; then
    scope=(systemd-run --quiet --scope --collect --unit="$(scope_of "$host")" --property=Delegate=yes --)
  fi
  mapfile -t folders < <(cgroup_folders "$host")
  exec setsid "${scope[@]}" unshare --mount --propagation private \
    "$LAB_HOME/lib/keep-guest" "${folders[@]}" -- "$@"
}

# The guest's processes as this machine numbers them, dead but unreaped ones left out.
guest_pids() {
  local file pid
  local -a folders
  mapfile -t folders < <(cgroup_folders "$1")
  [[ -d ${folders[0]} ]] || return 0
  while IFS= read -r file; do
    while IFS= read -r pid; do
      if is_alive "$pid"; then echo "$pid"; fi
    done < <(cat "$file" 2>/dev/null)
  done < <(find "${folders[0]}" -name cgroup.procs 2>/dev/null)
}

# The process that is PID 1 inside the guest; fails when there is none.
guest_init() {
  local pid
  for pid in $(guest_pids "$1"); do
    if grep -qE '^NSpid:.*[[:space:]]1$' "/proc/$pid/status" 2>/dev/null; then
      echo "$pid"
      return
    fi
  done
  return 1
}

# The systemd-nspawn that looks after the guest; fails when there is none.
guest_supervisor() {
  local pid
  for pid in $(guest_pids "$1"); do
    if [[ $(readlink "/proc/$pid/exe") == */systemd-nspawn ]]; then
      echo "$pid"
      return
    fi
  done
  return 1
}

# Kills all of a guest, as a power cut would, and waits until nothing is left of it.
kill_guest() {
  until_true 20 guest_is_gone "$1" || die "some processes of $1 cannot be killed: $(guest_pids "$1" | xargs)"
  local folder
  for folder in $(cgroup_folders "$1"); do
    [[ ! -d $folder ]] || find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || true
    if ! has_systemd; then rmdir "${folder%/*}" "${folder%/*/*}" 2>/dev/null || true; fi
  done
}

guest_is_gone() {
  local pids
  pids=$(guest_pids "$1") || return 1
  [[ -n $pids ]] || return 0
  xargs kill -KILL <<<"$pids" 2>/dev/null || true
  return 1
}

# The state is the first word after the command's name, which may hold anything, parentheses too.
is_alive() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  [[ ${stat##*) } != [ZX]* ]]
}

has_systemd() { [[ -d /run/systemd/system ]]; }

scope_of() { echo "play-lab-$LAB_ID-$1"; }

# The guest's folder in each hierarchy that systemd uses (one with cgroup 2, two with the older layouts).
cgroup_folders() {
  local hierarchy
  for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
    [[ -e $hierarchy/cgroup.procs ]] || continue
    if has_systemd; then
      echo "$hierarchy/system.slice/$(scope_of "$1").scope"
    else
      echo "$hierarchy/play-lab/$LAB_ID/$1"
    fi
  done
}
