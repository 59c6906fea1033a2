import type { Addition } from '../../contract/module.ts'
import type { Pos } from '../errors.ts'

export type Vars = Record<string, unknown>

/** A YAML value that remembers where each of its parts was written. */
export interface Located<T = unknown> {
  value: T
  /** Position of the value under a path of keys and indexes, or of the nearest parent that exists. */
  locate(path?: readonly (string | number)[]): Pos
  /** The same for the key itself, for errors such as an unknown keyword. */
  locateKey(path: readonly (string | number)[]): Pos
}

// ── inventory ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Inventory {
  /** Every host of `all`, in its order. */
  hosts: Map<string, InventoryHost>
  groups: Map<string, InventoryGroup>
  /** Folder that holds group_vars/ and host_vars/: `inventory_dir`. Of the first source. */
  dir: string
  /** Hosts of which it is found out in a run what part they have: a task may come to any of them. */
  undecided?: readonly string[]
  /** The inventory as its files have it, with more in it; this one stays as it is. One made by hand cannot. */
  grown?(additions: readonly Addition[]): Inventory
}
export interface InventoryHost {
  name: string
  /** Every group it is in, parents included, sorted by depth then name; without `all`. */
  groups: string[]
  /** Merged by Ansible's precedence: all → parents → children → host, inventory file before group_vars/host_vars. */
  vars: Vars
  /** Position where a variable was set, for errors. */
  where(variable: string): Pos | undefined
  /** The source that names it first: an absolute path, or names with a comma. */
  readonly file?: string
}
export interface InventoryGroup {
  name: string
  /** Its own, in the order in which they were named, then those of its children, and of theirs. */
  hosts: string[]
  /** Groups right below it. */
  children: string[]
  /** Hosts of which it is found out in a run whether they are in it (runner/topology/groups.ts). */
  mayJoin?: readonly string[]
}

// ── playbook ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A keyword's value that holds {{ }}: rendered where it is used (run/keyword-value.ts). */
export interface Template {
  template: string
  pos: Pos
}

/** Of a node and those around it the innermost that says one of these counts. */
export interface NearestFields {
  become?: boolean | Template
  becomeUser?: string
  ignoreErrors?: boolean | Expression | Template
  ignoreUnreachable?: boolean | Template
  anyErrorsFatal?: boolean | Template
  noLog?: boolean | Template
  delegateTo?: string
  runOnce?: boolean | Template
  checkMode?: boolean | Template
  diff?: boolean | Template
  /** How many hosts at a time do it. */
  throttle?: number | Template
  /** What the task learns is of the host that it is delegated to. */
  delegateFacts?: boolean | Template
  /** How the host is reached, where its variables do not say it. */
  connection?: string
  port?: number | Template
  remoteUser?: string
  becomeMethod?: string
}

/** Keywords that plays, blocks and tasks share, inherited downward. */
export interface Inheritable extends NearestFields {
  /** The role whose file it stands in. */
  role?: RoleUse
  /** A mapping, a list of such, or a template of either. */
  environment?: Located
  /** Tags of this node alone; effective tags are the union with the parents'. */
  tags: string[]
  when: Expression[]
  vars: Vars
  varsAt?: Located
}

/** Variables of one file or node, and where each of them stands. */
export interface VarsAt {
  vars: Vars
  at?: Located
}

/** A role as it is used in one place, with its variables (Ansible, Understanding variable precedence). */
export interface RoleUse {
  /** As it was asked for; one of a collection with the collection in front. */
  name: string
  /** Of which it is: `namespace.name`. */
  collection?: string
  /** Its folder, absolute. */
  path: string
  /** Where it is named. */
  pos: Pos
  /** The roles that it is used by, outermost first: those that depend on it, too. */
  users: readonly RoleUse[]
  /** Those whose tasks include or import it, outermost first: `ansible_parent_role_names`. */
  parents: readonly RoleUse[]
  /** What it depends on, and what that depends on. */
  needs: readonly RoleUse[]
  /** Of its own files, without what it has from others; `given`: `vars` where it is named. */
  own: { defaults: VarsAt[]; vars: VarsAt[]; given: VarsAt[] }
  /** What all of the play sees where it is public: of its files, and of what it depends on. */
  exported: { defaults: VarsAt[]; vars: VarsAt[] }
  /** Below the inventory's: those of what it depends on, of whom it is used by, and its own. */
  defaults: VarsAt[]
  /** Above the play's, below those of blocks and tasks. */
  vars: VarsAt[]
  /** Above all but -e and those of an include: what was given where it is named. */
  params: VarsAt[]
}

/** CEL text and where it stands. */
export interface Expression {
  text: string
  pos: Pos
}

export interface Play extends Inheritable {
  name: string
  pos: Pos
  file: string
  /** Folder of the playbook file: where files/, templates/ and relative names are looked up. */
  dir: string
  /** Host pattern, possibly with {{ }}. */
  hosts: string
  hostsPos: Pos
  gatherFacts: boolean | Template
  varsFiles: { path: string; pos: Pos }[]
  /** Counts or percentages, as written: [1, '50%']. Empty: all at once. */
  serial: (number | string | Template)[]
  forceHandlers?: boolean | Template
  strategy: Strategy
  order: HostOrder
  /** Percent of the hosts of a batch. */
  maxFailPercentage?: number | Template
  prompts: VarsPrompt[]
  /** What was typed: data, never templates. */
  prompted?: Vars
  /** pre_tasks, tasks, post_tasks in order; handlers flush between them. */
  sections: { name: 'pre_tasks' | 'tasks' | 'post_tasks'; entries: Entry[] }[]
  /** Those of its roles, its own, then those of roles that its tasks import. */
  handlers: Handler[]
  /** The roles whose variables all of its tasks see. */
  roles: RoleUse[]
  settings?: LoadSettings
}

/** What the configuration says of plays that do not say it, and of where roles are (runner/settings/table.ts). */
export interface LoadSettings {
  roles_path: readonly string[]
  collections_path: readonly string[]
  gathering: 'implicit' | 'explicit' | 'smart'
  strategy: Strategy
  any_errors_fatal: boolean
  no_log: boolean
}

export const STRATEGIES = ['linear', 'free', 'host_pinned'] as const
export type Strategy = (typeof STRATEGIES)[number]

export const HOST_ORDERS = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] as const
export type HostOrder = (typeof HOST_ORDERS)[number]

/** A variable that is asked for before the play. */
export interface VarsPrompt {
  name: string
  prompt: string
  default?: unknown
  /** What is typed is not shown. */
  private: boolean
  /** It is asked for twice. */
  confirm: boolean
  pos: Pos
}

export type Entry = Task | Block | IncludeTasks | Meta

/** Runs when it is notified: a task, or a file of tasks or a role that is included then. */
export type Handler = Task | IncludeTasks

export const META_ACTIONS = [
  'flush_handlers',
  'noop',
  'end_play',
  'end_batch',
  'end_host',
  'clear_facts',
  'clear_host_errors',
  'refresh_inventory',
  'reset_connection',
] as const
export type MetaAction = (typeof META_ACTIONS)[number]

/** `meta`: something that the run itself does. */
export interface Meta extends Inheritable {
  kind: 'meta'
  pos: Pos
  file: string
  dir: string
  name: string
  action: MetaAction
}

export interface Task extends Inheritable {
  kind: 'task'
  pos: Pos
  file: string
  dir: string
  /** As written, may hold {{ }}; without `name:`, the module's name. */
  name: string
  named: boolean
  module: string
  modulePos: Pos
  /** A mapping, or { [module.freeForm]: string } made from a plain string; {} where nothing stood. */
  args: Located<Record<string, unknown>>
  /** A file of Jinja has it where it may not be reached: behind a condition or an include. */
  mayBeSkipped?: true
  /** `args:` as a template: a mapping of further arguments, under those of `args`. */
  moreArgs?: Template
  loop?: Loop
  loopControl: LoopControl
  register?: string
  notify: { name: string; pos: Pos }[]
  /** Handlers: other names that notify them. */
  listen: string[]
  /** All of them hold. */
  until?: Expression[]
  retries: number | Template
  /** Seconds. */
  delay: number | Template
  changedWhen?: boolean | Expression[]
  failedWhen?: boolean | Expression[]
  /** Seconds for the whole task. */
  timeout?: number | Template
  /** Seconds that it may take in the background. */
  async?: number | Template
  /** Seconds between two looks; 0: nobody waits for it. */
  poll?: number | Template
}

/** `loop`: a template or literal list. */
export interface Loop extends Located {
  /** `with_NAME`: its value is what the lookup NAME makes items of. */
  lookup?: string
}

export interface LoopControl {
  loopVar: string
  indexVar?: string
  label?: string
  /** Seconds. */
  pause?: number | Template
  /** `ansible_loop` is there. */
  extended?: boolean | Template
  /** With all items in it. */
  extendedAllitems?: boolean | Template
  /** The loop ends after the first item for which all of them hold. */
  breakWhen: Expression[]
}

export interface Block extends Inheritable {
  kind: 'block'
  pos: Pos
  file: string
  dir: string
  name?: string
  block: Entry[]
  rescue: Entry[]
  always: Entry[]
}

/** A role by name, as include_role says it: texts that may hold {{ }}. */
export interface RoleAsked {
  name: string
  /** Files to read in place of main. */
  from: { tasks?: string; vars?: string; defaults?: string; handlers?: string }
  /** Whether the tasks behind it see its variables too. */
  public: boolean
  /** Its arguments are not checked. */
  unchecked?: boolean
}

/** include_tasks or include_role: read when reached. (What is imported is gone after loading.) */
export interface IncludeTasks extends Inheritable {
  kind: 'include'
  pos: Pos
  /** As written; without `name:`, that of the action. */
  name: string
  named: boolean
  /** As written; may hold {{ }}. Empty where it is a role. */
  path: string
  asked?: RoleAsked
  /** A handler: other names that notify it. */
  listen?: string[]
  /** Keywords for each of the included tasks (`apply`). */
  apply?: Inheritable
  dir: string
  /** Where else the file is looked for. */
  lookIn: readonly string[]
  file: string
  loop?: Loop
  loopControl: LoopControl
  /** For what is read when it is reached. */
  collections?: readonly string[]
  moduleDefaults?: ReadonlyMap<string, Located<Vars>>
  /** The included entries where `path` holds no {{ }}; read at load time so that preflight sees them. */
  entries?: Entry[]
  /** The role, where it could be read at load time. */
  use?: RoleUse
  /** The roles that what is included imports: all of the play sees their variables from then on. */
  brings?: readonly RoleUse[]
}
