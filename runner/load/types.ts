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
  /** In the order of the files. Every host of `all`. */
  hosts: Map<string, InventoryHost>
  groups: Map<string, InventoryGroup>
  /** Folder that holds group_vars/ and host_vars/: `inventory_dir`. Of the first source. */
  dir: string
}
export interface InventoryHost {
  name: string
  /** Every group it is in, parents included, sorted by depth then name; without `all`. */
  groups: string[]
  /** Merged by Ansible's precedence: all → parents → children → host, inventory file before group_vars/host_vars. */
  vars: Vars
  /** Position where a variable was set, for errors. */
  where(variable: string): Pos | undefined
}
export interface InventoryGroup {
  name: string
  /** All hosts, those of child groups included, in inventory order. */
  hosts: string[]
  children: string[]
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
}

/** Keywords that plays, blocks and tasks share, inherited downward. */
export interface Inheritable extends NearestFields {
  environment?: Located<Record<string, unknown>>
  /** Tags of this node alone; effective tags are the union with the parents'. */
  tags: string[]
  when: Expression[]
  vars: Vars
  varsAt?: Located
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
  remoteUser?: string
  forceHandlers?: boolean | Template
  /** pre_tasks, tasks, post_tasks in order; handlers flush between them. */
  sections: { name: 'pre_tasks' | 'tasks' | 'post_tasks'; entries: Entry[] }[]
  handlers: Task[]
}

export type Entry = Task | Block | IncludeTasks

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
  /** `args:` as a template: a mapping of further arguments, under those of `args`. */
  moreArgs?: Template
  /** A template or literal list. */
  loop?: Located
  loopControl: { loopVar: string; indexVar?: string; label?: string; pause?: number | Template }
  register?: string
  notify: { name: string; pos: Pos }[]
  /** Handlers: other names that notify them. */
  listen: string[]
  until?: Expression
  retries: number | Template
  /** Seconds. */
  delay: number | Template
  changedWhen?: boolean | Expression[]
  failedWhen?: boolean | Expression[]
  /** Seconds for the whole task. */
  timeout?: number | Template
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

/** include_tasks: read when reached. (import_tasks and import_playbook are gone after loading.) */
export interface IncludeTasks extends Inheritable {
  kind: 'include'
  pos: Pos
  name: string
  /** As written; may hold {{ }}. */
  path: string
  dir: string
  file: string
  loop?: Located
  loopControl: Task['loopControl']
  /** For what is read when it is reached. */
  moduleDefaults?: ReadonlyMap<string, Located<Vars>>
  /** The included entries where `path` holds no {{ }}; read at load time so that preflight sees them. */
  entries?: Entry[]
}
