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
  host_sources >"$making/sources.list"
  host_apt_options >"$making/apt.conf"
  # Its own mount namespace: whatever mmdebstrap mounts is gone with it, even if it is killed.
  LAB_PACKAGES=$making/pgdg unshare --mount --propagation private \
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
    cat "$LAB_HOME"/image/* "$LAB_HOME/../docs/sudoers" "$LAB_HOME/keys/pgdg.secret.asc" <(dpkg --print-architecture)
    printf '%s' "$LAB_IMAGE_EXTRA"
  } | sha256sum | cut -c1-16
}

guest_packages() {
  { grep -v '^#' "$LAB_HOME/image/packages" && tr , '\n' <<<"$LAB_IMAGE_EXTRA"; } | grep . | paste -sd,
}

# Where this machine gets the release from. One that runs another release has no such lines:
# mmdebstrap then uses Debian's own mirrors, or the one in PLAY_LAB_MIRROR.
host_sources() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  if [[ -n ${PLAY_LAB_MIRROR:-} ]]; then
    echo "deb [signed-by=$keyring] $PLAY_LAB_MIRROR $RELEASE main"
    return
  fi
  apt_quietly update
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    sort -u | while read -r uri name component; do
    if [[ $name =~ ^$RELEASE(-updates|-security)?$ && $component == main ]]; then
      echo "deb [signed-by=$keyring] $uri $name main"
    fi
  done
}

# This machine's proxies and date checks, which a mirror inside a company may need.
host_apt_options() {
  apt-config dump | grep -E '^Acquire::((http|https|ftp)::|Check-|Max-|Retries|ForceIPv)[^ ]* "[^"]' || true
}
