# shellcheck shell=bash disable=SC2034
# Sent before each of the other two scripts: HOST (1 to 4), NETWORK and the repository's KEY, and what they share.
set -euo pipefail
host=$1 network=$2 key=$3
tls=/etc/postgresql-common/tls etc=/etc/postgresql/15/main data=/var/lib/postgresql/15/main pass=/var/lib/postgresql/play.pgpass
export DEBIAN_FRONTEND=noninteractive
cd /

# put FILE MODE OWNER: standard input becomes FILE, unless it is that already.
put() {
  cat >/run/put
  if cmp -s /run/put "$1" && [[ $(stat -c %a:%U "$1") == "$2:$3" ]]; then return; fi
  install -D -m "$2" -o "$3" -g "$3" /run/put "$1"
  echo "changed: $1"
  changed=yes
}

sql() { runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

# unless QUERY STATEMENT: runs STATEMENT unless QUERY finds something.
unless() {
  [[ -z $(sql "$1") ]] || return 0
  sql "$2" >/dev/null
  echo "changed: $2"
}

# until_found QUERY: waits at most a minute.
until_found() {
  local tries=600
  until [[ -n $(sql "$1") ]]; do
    ((--tries)) || { echo "not so within a minute: $1" >&2 && exit 1; }
    sleep 0.1
  done
}
