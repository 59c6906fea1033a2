# shellcheck shell=bash
# The root file system that all guests share and the packages they may install, made once for each recipe.

# Sets IMAGE to the folder in the cache, making it if it is not there: IMAGE/root and IMAGE/pgdg.
ensure_image() {
  IMAGE=$CACHE/$(recipe_hash)
  [[ ! -d $IMAGE ]] || return 0
  mkdir -p "$CACHE"
  exec {CACHE_LOCK}>"$CACHE/lock"
  flock --nonblock "$CACHE_LOCK" || { say 'waiting: another lab is making the image' && flock "$CACHE_LOCK"; }
  [[ -d $IMAGE ]] || make_image
  exec {CACHE_LOCK}>&-
  unset CACHE_LOCK
}

# The image grows beside its place and is renamed when done, so that a killed `up` leaves no half of one.
make_image() {
  local making=$CACHE/making started=$SECONDS
  say 'making the root file system and the package repository (once; it takes about a minute)'
  rm -rf --one-file-system "$making"
  mkdir -p "$making/pgdg"
  debian_sources "$RELEASE" >"$making/sources.list"
  older_release >"$making/older"
  [[ ! -s $making/older ]] || debian_sources "$(<"$making/older")" >"$making/older.list"
  host_apt_options >"$making/apt.conf"
  # Its own mount namespace: whatever mmdebstrap mounts is gone with it, even if it is killed.
  LAB_RELEASE=$RELEASE LAB_PACKAGES=$making/pgdg LAB_OLDER=$making/older \
    LAB_REPOSITORY_EXTRA=$LAB_REPOSITORY_EXTRA unshare --mount --propagation private \
    mmdebstrap --quiet --mode=root --variant=minbase --include="$(guest_packages)" \
    --aptopt="$making/apt.conf" --customize-hook="$LAB_HOME/image/customize" \
    "$RELEASE" "$making/root" "$making/sources.list" >"$making/log" 2>&1 </dev/null ||
    die 'the root file system could not be made:' "$(tail -n 12 "$making/log")" "All of it: $making/log"
  "$LAB_HOME/image/make-repository" "$making/pgdg" "$SUITE" "$LAB_HOME/keys/pgdg.secret.asc" >>"$making/log" 2>&1 ||
    die 'the package repository could not be made:' "$(tail -n 12 "$making/log")"
  mv "$making" "$IMAGE"
  say "made $IMAGE in $((SECONDS - started)) s"
}

recipe_hash() {
  {
    echo "$RELEASE"
    cat "$LAB_HOME"/image/{customize,make-repository,packages,repository-"$RELEASE"*} "$LAB_HOME/../docs/sudoers" \
      "$LAB_HOME/keys/pgdg.secret.asc" <(dpkg --print-architecture)
    printf '%s' "$LAB_IMAGE_EXTRA${LAB_REPOSITORY_EXTRA:+ $LAB_REPOSITORY_EXTRA}"
  } | sha256sum | cut -c1-16
}

guest_packages() {
  { grep -v '^#' "$LAB_HOME/image/packages" && tr , '\n' <<<"$LAB_IMAGE_EXTRA"; } | grep . | paste -sd,
}

# The release whose packages are offered too, where a file in image/ names any.
older_release() {
  local at
  [[ -e $LAB_HOME/image/repository-$RELEASE-older ]] || return 0
  for at in "${!RELEASES[@]}"; do
    if [[ ${RELEASES[at]} == "$RELEASE" ]]; then echo "${RELEASES[at - 1]}"; fi
  done
}

# debian_sources RELEASE: this machine's own sources, with the name of that release in the place of its own. A machine that
# is not Debian uses Debian's own mirror, any machine the one in PLAY_LAB_MIRROR.
debian_sources() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg own
  if [[ -n ${PLAY_LAB_MIRROR:-} ]]; then
    echo "deb [signed-by=$keyring] $PLAY_LAB_MIRROR $1 main"
    return
  fi
  # shellcheck source=/dev/null
  own=$(. /etc/os-release && [[ $ID == debian ]] && echo "${VERSION_CODENAME:-}") || own=
  if [[ -z $own ]]; then
    echo "deb [signed-by=$keyring] http://deb.debian.org/debian $1 main"
    return
  fi
  apt_quietly update
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    sort -u | while read -r uri name component; do
    if [[ $name =~ ^$own(-updates|-security)?$ && $component == main ]]; then
      echo "deb [signed-by=$keyring] $uri $1${name#"$own"} main"
    fi
  done
}

# This machine's proxies and date checks, which a mirror inside a company may need.
host_apt_options() {
  apt-config dump | grep -E '^Acquire::((http|https|ftp)::|Check-|Max-|Retries|ForceIPv)[^ ]* "[^"]' || true
}
