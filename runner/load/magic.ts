/**
 * Variables that are there whatever inventory and playbooks say (Ansible, Special Variables), and what each is. Nobody's variable
 * of the same name counts, but of those in UNSAID. Facts: runner/run/facts.ts.
 */
export const MAGIC = {
  inventory_hostname: "the host's name in the inventory",
  inventory_hostname_short: 'the same up to its first dot',
  inventory_dir: 'the folder of the first source of the inventory',
  groups: 'the names of the hosts of each group',
  group_names: 'the groups that the host is in',
  hostvars: 'the variables of each host: of the inventory, facts, and what tasks set',
  vars: 'all variables',
  omit: 'what leaves an argument out',
  playbook_dir: 'the folder of the playbook',
  play_hosts: 'the same as ansible_play_hosts',
  ansible_play_hosts: 'the hosts of the play that are still in the run',
  ansible_play_hosts_all: 'all hosts of the play',
  ansible_play_batch: 'the hosts of the batch (`serial`)',
  ansible_play_name: 'the name of the play',
  ansible_check_mode: 'whether this is a check',
  ansible_diff_mode: 'whether --diff is given',
  ansible_verbosity: 'how many -v',
  ansible_forks: 'how many hosts at a time',
  ansible_limit: 'what --limit says; undefined without it',
  ansible_run_tags: 'what --tags says; `["all"]` without it',
  ansible_skip_tags: 'what --skip-tags says',
  ansible_inventory_sources: 'what each -i names, as absolute paths; names of hosts with a comma as they are',
  ansible_config_file: 'the ansible.cfg that counts; null where there is none',
  ansible_version:
    'the version of Ansible whose language is spoken, not that of play: full, string, major, minor, revision',
  ansible_playbook_python:
    'the python3 of this machine, which play has no use for; undefined where there is none',
  // Of roles.
  role_name: 'the name of the role',
  role_path: 'its folder',
  role_names: 'the roles of the play, but for those that others need',
  ansible_play_role_names: 'the same as role_names',
  ansible_dependent_role_names: 'the roles that those of the play need',
  ansible_role_names: 'both',
  ansible_role_name: 'the name of the role, with its collection',
  ansible_collection_name: 'the collection of the role',
  ansible_parent_role_names:
    'the roles that include or need the role, the innermost first; undefined where none does',
  ansible_parent_role_paths: 'their folders',
  // Of templates: runner/load/template-variables.ts.
  ansible_managed: 'the line that says who manages the file',
  template_path: "a template's path, as it is named",
  template_fullpath: 'the same from /',
  template_host: 'the name of this machine',
  template_uid: 'who owns the template',
  template_run_date: 'when it is rendered',
  template_destpath: 'where what it makes is put',
  // Ours.
  inventory_vars: "what the inventory's files say of the host, whatever -e does",
  failed_hosts: 'the hosts that failed or could not be reached',
  pg_wanted: "what the inventory wants of the host's cluster (runner/topology/wanted-view.ts)",
  pg_ha_groups: 'the groups of servers that stand in for each other: name, members, declared',
} as const

/** Below all others: what counts where nobody says it. */
export const UNSAID = {
  ansible_facts: 'the facts without `ansible_` before their names; empty until they are gathered',
  inventory_file: 'the file of the inventory that names the host first; undefined for what a task added',
  ansible_host: "where the host is reached: the host's name",
  ansible_ssh_host: 'the same',
  ansible_user: 'the user to log in as that -u or `remote_user` of the play names; undefined where none does',
  ansible_search_path: 'where files are looked for: the role, the roles around it, its tasks/, the playbook',
} as const

/** A task knows these beside them while it goes through its loop, or behind a failure. */
export const IN_TASKS = {
  ansible_loop:
    'with `extended` of loop_control: index, index0, first, last, length, revindex, previtem, nextitem, allitems',
  ansible_loop_var: 'the name of the variable that holds the item',
  ansible_index_var: 'the name of the one that holds its number',
  ansible_failed_task: 'in a rescue: the task that failed',
  ansible_failed_result: 'in a rescue: its result',
} as const
