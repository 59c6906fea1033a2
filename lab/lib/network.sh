# shellcheck shell=bash
# The bridge between the guests and this machine. Its alias names the lab that made it.

network_up() {
  clear_abandoned_bridges
  if [[ ! -e /sys/class/net/$LAB_BRIDGE ]]; then
    refuse_taken_network
    ip link add "$LAB_BRIDGE" type bridge
    ip link set "$LAB_BRIDGE" alias "$(bridge_alias)"
  fi
  owns_bridge || refuse_foreign_bridge
  ip address replace "$GATEWAY/24" dev "$LAB_BRIDGE"
  ip link set "$LAB_BRIDGE" up
  # Guests reach this machine and each other, nothing else.
  echo 0 >"/proc/sys/net/ipv4/conf/$LAB_BRIDGE/forwarding"
  pass_firewall insert
}

network_down() {
  if owns_bridge; then ip link delete "$LAB_BRIDGE"; fi
  nft delete table bridge "$(cut_table)" 2>/dev/null || true
  pass_firewall delete
}

# Where bridged packets go through iptables (Docker sees to that, and drops them), the guests' must pass.
pass_firewall() {
  [[ $(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null) == 1 ]] || return 0
  command -v iptables >/dev/null || return 0
  local -a rule=(FORWARD --in-interface "$LAB_BRIDGE" --out-interface "$LAB_BRIDGE" --jump ACCEPT)
  if iptables --wait --check "${rule[@]}" 2>/dev/null; then
    [[ $1 == insert ]] || iptables --wait --delete "${rule[@]}"
  else
    [[ $1 == delete ]] || iptables --wait --insert "${rule[@]}"
  fi
}

bridge_alias() { echo "play-lab $STATE"; }

owns_bridge() { [[ $(alias_of "$LAB_BRIDGE") == "$(bridge_alias)" ]]; }

alias_of() { cat "/sys/class/net/$1/ifalias" 2>/dev/null || true; }

# A lab whose processes were ended from outside leaves its bridge behind. It would keep its name and its network from
# every other checkout, for ever where its own is gone: with nobody on it, and nobody at work, it is taken away.
clear_abandoned_bridges() {
  local path bridge owner
  for path in /sys/class/net/*/ifalias; do
    bridge=$(basename "$(dirname "$path")")
    owner=$(alias_of "$bridge")
    [[ $owner == 'play-lab '* && $owner != "$(bridge_alias)" ]] || continue
    is_abandoned "$bridge" "${owner#play-lab }" || continue
    say "takes away the bridge '$bridge', which a lab of another checkout left behind (${owner#play-lab })"
    ip link delete "$bridge" 2>/dev/null || true
  done
}

# is_abandoned BRIDGE STATE: no guest is plugged in, no command changes that lab, and its repository does not run.
is_abandoned() {
  [[ -z $(ls -A "/sys/class/net/$1/brif") ]] || return 1
  if [[ -e $2/lock ]]; then flock --nonblock "$2/lock" true || return 1; fi
  [[ -z $(STATE=$2 server_pids) ]]
}

refuse_foreign_bridge() {
  local owner
  owner=$(alias_of "$LAB_BRIDGE")
  if [[ $owner == 'play-lab '* ]]; then
    die "a lab named '$LAB_NAME' is up already, of another checkout (${owner#play-lab })." "$(how_to_differ)"
  fi
  die "there is already an interface '$LAB_BRIDGE', and it is not the lab's." "$(how_to_differ)"
}

# Refuses addresses that this machine already has, or reaches elsewhere.
refuse_taken_network() {
  local route interface owner
  while read -r route; do
    interface=$(sed -nE 's/.* dev ([^ ]+).*/\1/p' <<<"$route ")
    owner=$(alias_of "$interface")
    if [[ $owner == 'play-lab '* ]]; then
      die "the network $LAB_NETWORK.0/24 belongs to a lab that is up already (${owner#play-lab })." "$(how_to_differ)"
    fi
    die "the network $LAB_NETWORK.0/24 is already routed elsewhere on this machine: $route" "$(how_to_differ)"
  done < <(
    ip -4 route show table all root "$LAB_NETWORK.0/24"
    ip -4 route show match "$LAB_NETWORK.0/24" | grep -v '^default'
  )
}

how_to_differ() {
  echo 'Give this lab a name and a network of its own, for example:' \
    "PLAY_LAB_NAME=${LAB_NAME:0:7}2 PLAY_LAB_NETWORK=10.16.0 lab/lab up"
}

# The guest's end of the wire on this machine, as systemd-nspawn names it.
wire_of() { echo "vb-$LAB_NAME-$1"; }

# Puts the wire of a running guest back on the bridge, should someone have made that anew; fails without a wire.
plug_in() {
  [[ -e /sys/class/net/$(wire_of "$1") ]] || return 1
  ip link set "$(wire_of "$1")" master "$LAB_BRIDGE" up
}

# Only our own wire: the lab of the same name in another checkout has its wires on its own bridge.
drop_wire() {
  local wire bridge
  wire=$(wire_of "$1")
  bridge=$(basename "$(readlink "/sys/class/net/$wire/master")")
  [[ -z $bridge || $(alias_of "$bridge") == "$(bridge_alias)" ]] || return 0
  ip link delete "$wire" 2>/dev/null || true
}

cut_table() { echo "play-lab-$LAB_ID"; }
