# shellcheck shell=bash
# The inventory of the lab as it is: the repository's own for the default lab, else a copy made for this one.

inventory_path() {
  if is_default_lab; then echo "$LAB_HOME/../inventory" | sed 's,/lab/\.\./,/,'; else echo "$STATE/inventory"; fi
}

is_default_lab() {
  [[ $STATE == "$LAB_HOME/.state/play" && $LAB_NETWORK == 10.15.0 && $LAB_COUNT == 4 &&
    $RELEASE == "${RELEASES[0]}" ]]
}

# The repository's inventory with this lab's addresses and keys in it.
write_inventory() {
  local source=$LAB_HOME/../inventory folder=$STATE/inventory
  mkdir -p "$folder/group_vars"
  sed -e "s,10\.15\.0\.,$LAB_NETWORK.,g" -e "s,{{ inventory_dir }}/\.\./lab/\.state/play,$STATE,g" \
    -e "s,${RELEASES[0]}-pgdg,$SUITE,; s,^pg_version: .*,pg_version: ${POSTGRESQL[$RELEASE]}," \
    "$source/group_vars/all.yaml" >"$folder/group_vars/all.yaml"
  if ((LAB_COUNT >= 4)); then
    sed "s,10\.15\.0\.,$LAB_NETWORK.,g" "$source/hosts.yaml" >"$folder/hosts.yaml"
    ((LAB_COUNT == 4)) || bare_hosts spares "${HOSTS[@]:4}" >>"$folder/hosts.yaml"
  else
    bare_hosts all "${HOSTS[@]}" >"$folder/hosts.yaml"
  fi
}

# Hosts without a part in the topology.
bare_hosts() {
  local host
  printf '%s:\n  hosts:\n' "$1"
  shift
  for host; do printf '    %s: { ansible_host: %s }\n' "$host" "$(address_of "$host")"; done
}
