import { HOST_ORDERS, META_ACTIONS, type NearestFields } from '../types.ts'
import type { Fields } from './fields.ts'

/** Where a keyword may stand. */
export type Place =
  | 'play'
  | 'block'
  | 'task'
  | 'handler'
  | 'import_tasks'
  | 'include_tasks'
  | 'import_playbook'
  | 'role'
  | 'meta'

export interface Keyword {
  on: readonly Place[]
  /** What it takes, in the words of errors and docs/keywords.md. */
  takes: string
  /** Whether {{ }} may stand in it. Where it may not, a template is an error before the first connection. */
  template: boolean
  /** nearest: the innermost that says it counts; adds: all of them do; own: it is of the node alone. */
  inherits: 'nearest' | 'adds' | 'own'
  summary: string
  /** Of those that are inherited from the nearest: where it is kept, and how it is read. */
  field?: keyof NearestFields
  read?: (fields: Fields, name: string) => unknown
}

const ALL = ['play', 'block', 'task', 'handler', 'import_tasks', 'include_tasks', 'role', 'meta'] as const
const NODES = ['block', 'task', 'handler', 'import_tasks', 'include_tasks', 'role', 'meta'] as const
const TASKS = ['task', 'handler'] as const
const LOOPS = ['task', 'handler', 'include_tasks'] as const

const own = (on: readonly Place[], takes: string, template: boolean, summary: string): Keyword => ({
  ...{ on, takes, template, summary },
  inherits: 'own',
})
const adds = (on: readonly Place[], takes: string, template: boolean, summary: string): Keyword => ({
  ...own(on, takes, template, summary),
  inherits: 'adds',
})
const flag = (field: keyof NearestFields, summary: string): Keyword => ({
  ...own(ALL, 'true or false', true, summary),
  ...{ inherits: 'nearest', field, read: (fields, name) => fields.flag(name) },
})
const text = (field: keyof NearestFields, on: readonly Place[], summary: string): Keyword => ({
  ...own(on, 'text', true, summary),
  ...{ inherits: 'nearest', field, read: (fields, name) => fields.text(name) },
})

const NO_EFFECT = 'Taken, and of no effect'

const MODULE_WORDS = 'the name of a module, and its arguments, which may hold {{ }}'

/** The lookups that a loop may use: `with_items` and so on (run/with.ts has what they do). */
const WITH_SUMMARIES = {
  items: 'Once for each item of a list; lists in it are taken apart, one level deep.',
  list: 'Once for each item of a list, as it is.',
  flattened: 'Once for each item of lists in lists.',
  dict: 'Once for each `key` and `value` of a mapping.',
  together: 'Once for the first items of several lists, then for the second ones.',
  nested: 'Once for each combination of items of several lists.',
  cartesian: 'The same.',
  indexed_items: 'Once for each item of a list, with its number from 0.',
  sequence: 'Once for each number: `start=1 end=4 stride=1 format=web%02d`, or `count=4`.',
  subelements: 'Once for each item of a list inside each element of a list.',
  random_choice: 'Once, for one item of a list.',
  file: 'Once for each file of this machine, with what is in it.',
  fileglob: 'Once for each file of this machine that the pattern fits.',
  first_found: 'Once, for the first of the files that is there on this machine.',
  lines: 'Once for each line that a command on this machine prints.',
} as const

export const LOOKUPS = Object.keys(WITH_SUMMARIES)

/** What stands under `loop_control` (docs.ansible.com, Adding controls to loops). */
export const LOOP_CONTROL: Readonly<Record<string, string>> = {
  loop_var: 'The variable that holds the item; `item` where nothing is said.',
  index_var: 'A variable with the number of the item, from 0.',
  label: 'What the report calls the item.',
  pause: 'Seconds between two items.',
  extended:
    'Whether there is `ansible_loop`: index, index0, revindex, revindex0, first, last, length, previtem, nextitem, allitems.',
  extended_allitems: 'Whether `ansible_loop.allitems` is there too; true where nothing is said.',
  break_when:
    'A condition or a list of conditions: the loop ends after the first item for which all of them hold.',
}

/** The keywords of playbooks (docs.ansible.com, Playbook Keywords), each with what there is to know of it. */
export const KEYWORDS: Readonly<Record<string, Keyword>> = {
  name: own([...ALL, 'import_playbook'], 'text', true, 'What headings call it.'),
  tags: adds(
    [...ALL, 'import_playbook'],
    'text or a list of texts',
    true,
    'What --tags and --skip-tags select.',
  ),
  vars: adds([...ALL, 'import_playbook'], 'a mapping', true, 'Variables.'),
  when: adds(
    [...NODES, 'import_playbook'],
    'a condition or a list of conditions',
    false,
    'Only where all of them hold.',
  ),
  become: flag('become', 'Act as another user, through sudo.'),
  become_user: text('becomeUser', ALL, 'Which user; root where nothing is said.'),
  environment: adds(ALL, 'a mapping', true, 'Environment variables of the commands that change something.'),
  delegate_to: text('delegateTo', NODES, 'The host that it is done on, with the variables of its own.'),
  ignore_errors: {
    ...flag('ignoreErrors', 'A failure is reported, and the host goes on.'),
    takes: 'true, false or a condition',
    read: (fields, name) => fields.flagOrCondition(name),
  },
  ignore_unreachable: flag('ignoreUnreachable', 'The same where the host cannot be reached.'),
  any_errors_fatal: flag('anyErrorsFatal', 'A failure on one host ends the run on all.'),
  no_log: flag('noLog', 'Neither results nor changes are shown.'),
  run_once: flag(
    'runOnce',
    'On the first host alone; what it registers, and the variables that it sets, all have.',
  ),
  check_mode: flag('checkMode', 'true: only predicted, in a run too; false: done, in a check too.'),
  diff: flag('diff', 'Whether changes are shown as diffs, whatever --diff says.'),
  timeout: own(TASKS, 'a number of seconds', true, 'How long it may take; 0 is no limit.'),
  throttle: {
    ...own(NODES, 'a whole number', true, 'How many hosts at a time do it; 0: as many as --forks.'),
    ...{ inherits: 'nearest', field: 'throttle', read: (fields, name) => fields.number(name, 0, true) },
  },
  delegate_facts: {
    ...flag('delegateFacts', 'What it learns is of the host that it is delegated to.'),
    on: NODES,
  },
  connection: {
    ...text('connection', ALL, 'How the host is reached, where `ansible_connection` says nothing.'),
    takes: 'ssh or local',
    template: false,
    read: (fields, name) => fields.oneOf(name, ['ssh', 'local', 'smart', 'paramiko', 'paramiko_ssh']),
  },
  port: {
    ...own(ALL, 'a whole number', true, 'The port of sshd, where `ansible_port` says nothing.'),
    ...{ inherits: 'nearest', field: 'port', read: (fields, name) => fields.number(name, 1, true) },
  },
  remote_user: text('remoteUser', ALL, 'The user that logs in, where `ansible_user` says nothing.'),
  become_method: {
    ...text(
      'becomeMethod',
      ALL,
      'How another user is become, where `ansible_become_method` says nothing; `su` asks for the password of the other user.',
    ),
    takes: 'sudo or su',
    template: false,
    read: (fields, name) => fields.oneOf(name, ['sudo', 'su']),
  },
  collections: adds(
    [...ALL, 'import_playbook'],
    'a list of names',
    false,
    'Taken, and of no effect: each module has one name, and those of its collection.',
  ),

  module_defaults: adds(
    ALL,
    'a mapping',
    true,
    'Arguments of modules, or of `group/postgres`, where a task gives none.',
  ),

  hosts: own(['play'], 'a pattern or a list of patterns', true, 'The hosts of the play.'),
  gather_facts: own(
    ['play'],
    'true or false',
    true,
    'Whether facts are gathered first; true where nothing is said.',
  ),
  vars_files: own(['play'], 'a list of paths', true, 'Files of variables.'),
  serial: own(['play'], 'a number, a percentage or a list of such', true, 'How many hosts at a time.'),
  force_handlers: own(['play'], 'true or false', true, 'Handlers run on hosts that failed, too.'),
  strategy: own(
    ['play'],
    'linear, free or host_pinned',
    false,
    'linear: each task runs on all hosts before the next one starts; free: each host goes on by itself; host_pinned: so too, --forks hosts at a time.',
  ),
  order: own(
    ['play'],
    HOST_ORDERS.join(', '),
    false,
    'The order of the hosts; that of the inventory where nothing is said.',
  ),
  max_fail_percentage: own(
    ['play'],
    'a number',
    true,
    'Where more percent of a batch of hosts have failed, the run ends after the task.',
  ),
  vars_prompt: own(
    ['play'],
    'a list of mappings',
    false,
    'Variables that are asked for before the play; without a terminal -e gives them.',
  ),
  gather_subset: own(
    ['play'],
    'text or a list of texts',
    false,
    `${NO_EFFECT}: all facts are one round trip.`,
  ),
  gather_timeout: own(['play'], 'a number of seconds', false, `${NO_EFFECT}: all facts are one round trip.`),
  fact_path: own(['play'], 'text', false, `${NO_EFFECT}: there are no local facts.`),
  roles: own(['play'], 'a list of roles', false, 'Roles, whose tasks come before those of the play.'),
  pre_tasks: own(['play'], 'a list of tasks', false, 'Tasks that come first.'),
  tasks: own(['play'], 'a list of tasks', false, 'Tasks.'),
  post_tasks: own(['play'], 'a list of tasks', false, 'Tasks that come last.'),
  handlers: own(['play'], 'a list of tasks', false, 'Tasks that run when they are notified, and only then.'),

  block: own(['block'], 'a list of tasks', false, 'Tasks that have something in common.'),
  rescue: own(['block'], 'a list of tasks', false, 'What is done on hosts that failed in the block.'),
  always: own(['block'], 'a list of tasks', false, 'What is done in the end, on all of them.'),

  loop: own(LOOPS, 'a list', true, 'Once for each of its items.'),
  loop_control: own(LOOPS, 'a mapping', true, 'What the loop is called, shows and stops at: see below.'),
  ...Object.fromEntries(
    Object.entries(WITH_SUMMARIES).map(([name, summary]) => [
      `with_${name}`,
      own(LOOPS, 'what the lookup takes', true, summary),
    ]),
  ),

  args: own(
    [...TASKS, 'include_tasks'],
    'a mapping or a template of one',
    true,
    'Arguments besides those under the module, which count where both give one.',
  ),
  action: own(TASKS, MODULE_WORDS, false, 'The same as the module as a key.'),
  local_action: own(TASKS, MODULE_WORDS, false, 'The same, on the machine that play runs on.'),
  register: own(TASKS, 'the name of a variable', false, 'The variable that holds the result.'),
  notify: own(
    TASKS,
    'text or a list of texts',
    true,
    'Handlers to run where it changed something, and did not fail.',
  ),
  async: own(
    TASKS,
    'a number of seconds',
    true,
    'It runs by itself on the host, for so long at most; a lost connection does not end it.',
  ),
  poll: own(
    TASKS,
    'a number of seconds',
    true,
    'How often it is looked at; 0: the play goes on, and `async_status` looks.',
  ),
  until: own(TASKS, 'a condition', false, 'Tried again until it holds.'),
  retries: own(TASKS, 'a whole number', true, 'How often; 3 where nothing is said.'),
  delay: own(TASKS, 'a number of seconds', true, 'The pause between; 5 where nothing is said.'),
  changed_when: own(TASKS, 'true, false or conditions', false, 'What counts as a change.'),
  failed_when: own(TASKS, 'true, false or conditions', false, 'What counts as a failure.'),
  listen: own(['handler'], 'text or a list of texts', false, 'Other names that notify it.'),

  meta: own(['meta'], META_ACTIONS.join(', '), false, 'Something that the run itself does; see below.'),

  import_playbook: own(['import_playbook'], 'a path', true, 'The plays of another playbook.'),
}

/** Those that the innermost node decides that says them: where each is kept, and how it is read. */
export const NEAREST: readonly (readonly [
  name: string,
  field: keyof NearestFields,
  read: NonNullable<Keyword['read']>,
])[] = Object.entries(KEYWORDS).flatMap(([name, { field, read }]) =>
  field && read ? [[name, field, read] as const] : [],
)
