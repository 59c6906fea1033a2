# shellcheck shell=bash
# The HTTP server of the lab's package repository. It is found by its command line, never by a remembered id.

repository_up() {
  ! repository_serves || return 0
  repository_down
  (
    close_locks
    exec setsid node "$LAB_HOME/repository/server.mjs" "--lab=$STATE" "--image=$IMAGE" \
      "$GATEWAY" "$REPOSITORY_PORT" "/pgdg=$IMAGE/pgdg" "/keys=$STATE/public"
  ) </dev/null >"$STATE/repository.log" 2>&1 &
  until_true 10 repository_serves ||
    die "the package repository does not answer at $REPOSITORY_URL:" "$(grep . "$STATE/repository.log" | tail -n 5)"
}

repository_down() {
  local -a pids
  mapfile -t pids < <(server_pids)
  ((${#pids[@]} == 0)) || kill -KILL "${pids[@]}" 2>/dev/null || true
}

# It is ours, it serves the image in use, and it answers.
repository_serves() {
  [[ -n $(server_pids "$IMAGE") ]] &&
    timeout 2 bash -c "$(declare -f ask_for); ask_for $GATEWAY $REPOSITORY_PORT /keys/pgdg.asc"
}

# ask_for ADDRESS PORT PATH: is there such a file?
ask_for() {
  local status
  exec 3<>"/dev/tcp/$1/$2" || return 1
  printf 'HEAD %s HTTP/1.0\r\n\r\n' "$3" >&3
  read -r status <&3
  [[ $status == *' 200 '* ]]
} 2>/dev/null

# server_pids [IMAGE]: this lab's servers, or those of them that serve IMAGE.
server_pids() {
  local file pid
  # The pattern comes from stdin, so that this grep's own command line does not match it.
  # shellcheck disable=SC2062 # files, not a pattern
  grep --files-with-matches --null-data --line-regexp --fixed-strings --file=- /proc/[0-9]*/cmdline \
    2>/dev/null <<<"--lab=$STATE" | while read -r file; do
    pid=${file//[^0-9]/}
    if [[ $(readlink "/proc/$pid/exe") != */node* ]]; then continue; fi
    if [[ -z ${1:-} ]] || grep -qzxF -e "--image=$1" "$file"; then echo "$pid"; fi
  done
}
