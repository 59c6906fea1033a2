/** Where Ansible 2.14 (Debian 12) answers otherwise than 2.19 (Debian 13), which counts here: functions-2.14.json has the cases. */
export const OLDER: Readonly<Record<string, string>> = {
  password_hash: 'without rounds 5000 of them, as crypt(3) has it; bcrypt is missing; a wrong salt gives *0',
  vault: 'no vault_id',
  to_nice_yaml: 'default_flow_style is refused',
  normpath: 'is not there',
  commonpath: 'is not there',
  b64encode: 'no urlsafe',
  b64decode: 'no urlsafe',
  regex_replace: 'no count and no mandatory_count',
  human_to_bytes: 'odd sizes (1.K) are taken',
  map: 'what has no such attribute is undefined in the list',
  groupby: 'default counts for attributes that are missing',
  union: 'a text is no list',
  intersect: 'a text is no list',
  difference: 'a text is no list',
  symmetric_difference: 'a text is no list',
  pprint: 'dicts are in the order of their keys; what is undefined is written',
  bool: 'None stays None',
  items: 'what is undefined has none',
  from_yaml_all: 'None stays None',
  type_debug: 'another name for what is undefined',
  'ansible.utils.ipaddr': 'networks for documentation count as public (an older netaddr)',
  'ansible.utils.reduce_on_network': 'a float is taken for an address (an older netaddr)',
  'ansible.utils.ipsubnet': 'a float is taken for an address (an older netaddr)',
  'ansible.utils.network_in_usable': 'a float is taken for an address (an older netaddr)',
  'ansible.utils.network_in_network': 'a float is taken for an address (an older netaddr)',
  'ansible.utils.next_nth_usable': 'a float is taken for an address (an older netaddr)',
  'ansible.utils.previous_nth_usable': 'a float is taken for an address (an older netaddr)',
  'is filter': 'is not there',
  'is test': 'is not there',
  'is timedout': 'is not there',
  'is changed': 'gives what the result holds, not a boolean',
  'is failed': 'gives what the result holds, not a boolean',
}

/** Tests that answer where a value is undefined, which is an error in 2.19. */
export const OF_UNDEFINED: readonly string[] =
  'boolean callable escaped false float integer mapping none number sequence string true uri url urn'
    .split(' ')
    .map((name) => `is ${name}`)
