import { readFlag } from './types.ts'

/** What an ansible.cfg may say that play does otherwise, where that would change what happens. */
export interface Different {
  name: string
  /** section.key */
  ini: string
  env?: string
  /** Whether a value is what happens here anyway. @param text as it is written, not empty */
  same(text: string): boolean
  /** It would change what playbooks mean: play refuses to go on. */
  refused?: true
  says: string
  hint: string
}

const is =
  (...words: string[]) =>
  (text: string): boolean =>
    words.includes(text.toLowerCase())
const isFlag =
  (wanted: boolean) =>
  (text: string): boolean => {
    try {
      return readFlag(text) === wanted
    } catch {
      // Ansible takes every other word for no.
      return !wanted
    }
  }
const never = (): boolean => false

export const DIFFERENT: readonly Different[] = [
  {
    name: 'hash_behaviour',
    ini: 'defaults.hash_behaviour',
    env: 'ANSIBLE_HASH_BEHAVIOUR',
    same: is('replace'),
    refused: true,
    says: 'mappings are never merged by themselves: of two variables of one name the one with the higher precedence counts whole',
    hint: 'take the line away, and merge where it is meant: a | combine(b, recursive=true)',
  },
  {
    name: 'error_on_undefined_vars',
    ini: 'defaults.error_on_undefined_vars',
    env: 'ANSIBLE_ERROR_ON_UNDEFINED_VARS',
    same: isFlag(true),
    says: 'a variable that is not defined is an error all the same',
    hint: 'write default(…) where one may be missing',
  },
  {
    name: 'jinja2_extensions',
    ini: 'defaults.jinja2_extensions',
    env: 'ANSIBLE_JINJA2_EXTENSIONS',
    same: (text) =>
      text.split(',').every((one) => /^(jinja2\.ext\.)?(do|with_|autoescape)?$/.test(one.trim())),
    says: 'of the extensions of Jinja there is `do` alone',
    hint: 'a template that uses another one is refused at its line',
  },
  {
    name: 'private_role_vars',
    ini: 'defaults.private_role_vars',
    env: 'ANSIBLE_PRIVATE_ROLE_VARS',
    same: isFlag(false),
    says: 'variables of the roles of a play are seen by all of the play',
    hint: 'use include_role where they are to be seen by the role alone',
  },
  {
    name: 'precedence',
    ini: 'defaults.precedence',
    env: 'ANSIBLE_PRECEDENCE',
    same: is(
      'all_inventory, groups_inventory, all_plugins_inventory, all_plugins_play, groups_plugins_inventory, groups_plugins_play',
    ),
    says: 'the precedence of variables is always the usual one',
    hint: 'docs/inventory.md says which one counts',
  },
  {
    name: 'playbook_vars_root',
    ini: 'defaults.playbook_vars_root',
    env: 'ANSIBLE_PLAYBOOK_VARS_ROOT',
    same: is('top'),
    says: 'group_vars and host_vars count beside the playbook that is named',
    hint: 'put them there',
  },
  {
    name: 'vars_plugins_enabled',
    ini: 'defaults.vars_plugins_enabled',
    env: 'ANSIBLE_VARS_ENABLED',
    same: is('host_group_vars', 'ansible.builtin.host_group_vars'),
    says: 'variables come from files and from inventory programs alone',
    hint: 'a program that prints an inventory may bring variables',
  },
  {
    name: 'inventory_ignore_patterns',
    ini: 'inventory.ignore_patterns',
    env: 'ANSIBLE_INVENTORY_IGNORE_REGEX',
    same: never,
    says: 'every file of an inventory folder is read',
    hint: 'name the files with -i, or move the others away',
  },
  {
    name: 'inventory_ignore_extensions',
    ini: 'defaults.inventory_ignore_extensions',
    env: 'ANSIBLE_INVENTORY_IGNORE',
    same: never,
    says: 'which files of an inventory folder are read is fixed',
    hint: 'name the files with -i, or move the others away',
  },
  {
    name: 'force_valid_group_names',
    ini: 'defaults.force_valid_group_names',
    env: 'ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS',
    same: is('never', 'ignore'),
    says: 'names of groups stay as they are written',
    hint: 'name groups in playbooks as the inventory does',
  },
  {
    name: 'become_exe',
    ini: 'privilege_escalation.become_exe',
    env: 'ANSIBLE_BECOME_EXE',
    same: is('sudo', '/usr/bin/sudo'),
    says: 'sudo is found in the PATH of the host',
    hint: 'take the line away',
  },
  {
    name: 'become_flags',
    ini: 'privilege_escalation.become_flags',
    env: 'ANSIBLE_BECOME_FLAGS',
    same: (text) => text.split(/\s+/).every((one) => /^(-H|-S|-n)+$/.test(one)),
    says: 'sudo is run with -H, and -S or -n, and with no other options',
    hint: 'let sudoers say what is needed',
  },
  {
    name: 'executable',
    ini: 'defaults.executable',
    env: 'ANSIBLE_EXECUTABLE',
    same: is('/bin/sh', '/usr/bin/sh', 'sh'),
    says: 'shells of hosts are /bin/sh',
    hint: 'shell: has the argument executable',
  },
  {
    name: 'task_timeout',
    ini: 'defaults.task_timeout',
    env: 'ANSIBLE_TASK_TIMEOUT',
    same: is('0'),
    says: 'a task has the time limit that it names itself',
    hint: 'write timeout: on the task',
  },
  {
    name: 'enable_task_debugger',
    ini: 'defaults.enable_task_debugger',
    env: 'ANSIBLE_ENABLE_TASK_DEBUGGER',
    same: isFlag(false),
    says: 'there is no debugger of tasks',
    hint: 'look with -vvv, and go on with --start-at-task',
  },
  {
    name: 'log_path',
    ini: 'defaults.log_path',
    env: 'ANSIBLE_LOG_PATH',
    same: never,
    says: 'no log is written',
    hint: 'write --output jsonl into a file',
  },
]
