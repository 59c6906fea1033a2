# shellcheck shell=bash disable=SC2034
# The lab's settings: from the environment, else from what this lab was last brought up with, else the defaults.

readonly REPOSITORY_PORT=8015
# Debian's releases that guests can be of, the default first: the version of PostgreSQL that it comes with.
readonly -a RELEASES=(bookworm trixie)
readonly -A POSTGRESQL=([bookworm]=15 [trixie]=17)

load_settings() {
  LAB_NAME=${PLAY_LAB_NAME:-play}
  [[ $LAB_NAME =~ ^[a-z][a-z0-9-]{0,7}$ ]] ||
    die "PLAY_LAB_NAME is '$LAB_NAME'; expected 1 to 8 lower-case letters, digits and hyphens, a letter first." \
      'It becomes part of network interface names, which Linux limits to 15 characters.'
  [[ $LAB_NAME != cache ]] || die "PLAY_LAB_NAME may not be 'cache': that folder holds the lab's images."
  STATE_BASE=${PLAY_LAB_STATE:-$LAB_HOME/.state}
  STATE=$STATE_BASE/$LAB_NAME
  CACHE=${PLAY_LAB_CACHE:-$STATE_BASE/cache}
  LAB_IMAGE_EXTRA=${PLAY_LAB_IMAGE_EXTRA:-}
  LAB_REPOSITORY_EXTRA=${PLAY_LAB_REPOSITORY_EXTRA:-}
  check_paths

  SAVED=()
  if [[ -r $STATE/settings ]]; then read -ra SAVED <"$STATE/settings" || true; fi
  LAB_NETWORK=${PLAY_LAB_NETWORK:-${SAVED[0]:-10.15.0}}
  LAB_COUNT=${PLAY_LAB_HOSTS:-${SAVED[1]:-4}}
  LAB_BRIDGE=${PLAY_LAB_BRIDGE:-${SAVED[2]:-br-$LAB_NAME}}
  RELEASE=${PLAY_LAB_RELEASE:-${SAVED[3]:-${RELEASES[0]}}}
  check_values
  SUITE=$RELEASE-pgdg

  # Tells labs of the same name in two checkouts apart, where the kernel knows neither.
  LAB_ID=$LAB_NAME-$(md5sum <<<"$STATE" | cut -c1-8)
  GATEWAY=$LAB_NETWORK.1
  REPOSITORY_URL=http://$GATEWAY:$REPOSITORY_PORT
  mapfile -t HOSTS < <(seq -f 'vm%.0f' "$LAB_COUNT")
}

# mount takes its layers in one word, with commas and colons between them.
check_paths() {
  local path
  for path in "$STATE" "$CACHE"; do
    [[ $path =~ ^/[^,:\\[:space:]]+$ ]] ||
      die "the lab cannot work in '$path': it needs an absolute path without spaces, commas, colons or backslashes." \
        'Move the checkout, or set PLAY_LAB_STATE and PLAY_LAB_CACHE.'
  done
}

check_values() {
  local octet='(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
  [[ $LAB_NETWORK =~ ^$octet\.$octet\.$octet$ ]] ||
    die "PLAY_LAB_NETWORK is '$LAB_NETWORK'; expected the first three numbers of a /24, such as 10.16.0."
  [[ $LAB_COUNT =~ ^[1-8]$ ]] || die "PLAY_LAB_HOSTS is '$LAB_COUNT'; expected a number from 1 to 8."
  check_packages PLAY_LAB_IMAGE_EXTRA "$LAB_IMAGE_EXTRA"
  check_packages PLAY_LAB_REPOSITORY_EXTRA "$LAB_REPOSITORY_EXTRA"
  [[ $LAB_BRIDGE =~ ^[a-z][a-z0-9-]{0,14}$ ]] ||
    die "PLAY_LAB_BRIDGE is '$LAB_BRIDGE'; expected at most 15 lower-case letters, digits and hyphens."
  [[ -v POSTGRESQL[$RELEASE] ]] || die "PLAY_LAB_RELEASE is '$RELEASE'; expected one of: ${RELEASES[*]}."
}

# check_packages VARIABLE VALUE
check_packages() {
  [[ $2 =~ ^([a-z0-9][a-z0-9.+-]+(,[a-z0-9][a-z0-9.+-]+)*)?$ ]] ||
    die "$1 is '$2'; expected names of Debian packages with commas between them."
}

save_settings() { printf '%s\n' "$LAB_NETWORK $LAB_COUNT $LAB_BRIDGE $RELEASE" >"$STATE/settings"; }

# Guests have their addresses and each other's names on their disks.
refuse_other_settings() {
  ((${#SAVED[@]})) || return 0
  local saved_release=${SAVED[3]:-${RELEASES[0]}}
  [[ "${SAVED[*]:0:3} $saved_release" != "$LAB_NETWORK $LAB_COUNT $LAB_BRIDGE $RELEASE" ]] || return 0
  die "the lab '$LAB_NAME' was brought up with ${SAVED[1]} hosts of $saved_release on ${SAVED[0]}.0/24 (bridge ${SAVED[2]})," \
    "and is now asked for $LAB_COUNT of $RELEASE on $LAB_NETWORK.0/24 (bridge $LAB_BRIDGE). Take it down first: lab/lab down"
}

# vm3 → 10.15.0.13
address_of() { printf '%s.%d' "$LAB_NETWORK" $((10 + ${1#vm})); }

# Refuses a name that is no host of this lab.
check_host() {
  local host
  for host in "${HOSTS[@]}"; do [[ $host != "$1" ]] || return 0; done
  die "'$1' is no host of the lab '$LAB_NAME'; its hosts are: ${HOSTS[*]}."
}
