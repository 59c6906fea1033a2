# shellcheck shell=bash
# Faults of the network: packets dropped without a word, as by a failed switch, or late.

lab_net() {
  local host=${1:-} action=${2:-} value=${3:-}
  (($# >= 2)) || die 'lab net needs a host and what to do with it.' 'For example: lab/lab net vm1 cut'
  check_host "$host"
  guest_init "$host" >/dev/null || die "$host is not running." "Start it: lab/lab start $host"
  case $action in
    cut) cut_wire "$host" "$value" ;;
    heal) heal_wire "$host" ;;
    delay) delay_wire "$host" "$value" ;;
    *) die "'$action' is nothing that can be done to a wire." 'Expected: cut, heal or delay.' ;;
  esac
}

# Sets of the bridge's own packet filter: hosts cut off from everything, and pairs cut off from each other.
ensure_cut_table() {
  nft list table bridge "$(cut_table)" &>/dev/null || nft -f - <<END
table bridge $(cut_table) {
  set hosts { type ifname; }
  set pairs { type ifname . ifname; }
  chain forward {
    type filter hook forward priority 0;
    iifname @hosts drop
    oifname @hosts drop
    iifname . oifname @pairs drop
  }
  chain input { type filter hook input priority 0; iifname @hosts drop; }
  chain output { type filter hook output priority 0; oifname @hosts drop; }
}
END
}

cut_wire() {
  local wire peer
  wire=$(wire_of "$1")
  ensure_cut_table
  if [[ -z $2 ]]; then
    nft add element bridge "$(cut_table)" hosts "{ $wire }"
    return
  fi
  check_host "$2"
  peer=$(wire_of "$2")
  nft add element bridge "$(cut_table)" pairs "{ $wire . $peer, $peer . $wire }"
}

heal_wire() {
  local wire peer other
  wire=$(wire_of "$1")
  tc qdisc delete dev "$wire" root 2>/dev/null || true
  nft list table bridge "$(cut_table)" &>/dev/null || return 0
  nft delete element bridge "$(cut_table)" hosts "{ $wire }" 2>/dev/null || true
  for other in "${HOSTS[@]}"; do
    peer=$(wire_of "$other")
    nft delete element bridge "$(cut_table)" pairs "{ $wire . $peer, $peer . $wire }" 2>/dev/null || true
  done
}

delay_wire() {
  [[ $2 =~ ^[0-9]+(us|ms|s)$ ]] || die "'$2' is no delay." 'Expected a number with a unit, such as 25ms.'
  local output
  output=$(tc qdisc replace dev "$(wire_of "$1")" root netem delay "$2" 2>&1) ||
    die "this kernel cannot delay packets: it lacks netem (CONFIG_NET_SCH_NETEM). tc said: ${output:-nothing}" \
      'The other faults (cut, heal, kill) work without it.'
}
