import type * as z from 'zod'

/**
 * What every module implements. `inspect` reads and never writes; `plan` is pure. The runner alone applies
 * steps, so a module never learns whether this is a check: status, diff, notifications and recap all derive
 * from `changes`.
 */
export interface Module<Params = any, State = any> {
  name: string
  summary: string
  /** Parsed before a host is touched. The source of the reference page and of argument errors. */
  params: z.ZodType<Params>
  /** The key that a plain string argument fills, as in `command: uptime` or `fail: no such host`. */
  freeForm?: string
  /**
   * Whether `inspect` reads nothing, given these arguments as the playbook has them. Such a task is inspected while the
   * one before it runs, and that stands whatever changes; the items of its loop are sent to a host one behind the other,
   * without waiting for each answer.
   */
  readsNothing?(args: Readonly<Record<string, unknown>>): boolean
  /**
   * Whether its plans never have a step, given these arguments as the playbook has them. A playbook of such tasks alone
   * changes nothing, and takes no lock.
   */
  changesNothing?(args: Readonly<Record<string, unknown>>): boolean
  /** Reads the host through `host` alone. @throws {Refusal} where the task cannot be done here. */
  inspect(host: HostReader, params: Params): Promise<State>
  /** Pure: no I/O, no clock, no randomness. @throws {Refusal} where doing it would be wrong. */
  plan(state: State, params: Params): Plan
  /**
   * The fields that `register` receives besides changed, failed, skipped, changes. `outputs` holds one entry
   * a step that ran; it is null when no step ran, in check mode or when nothing had to change. A field that only
   * the real run can know is `unknown('why')` when `plan.steps` is not empty and `outputs` is null.
   */
  result?(context: {
    state: State
    params: Params
    plan: Plan
    outputs: StepOutput[] | null
  }): Record<string, unknown>
}

/** No changes ⇔ no steps. */
export interface Plan {
  changes: Change[]
  steps: Step[]
  /**
   * What later tasks of this host will read, should the steps run: fact key → value. Files that steps write
   * are predicted by the steps themselves and need no entry. `undefined` as value withdraws a prediction.
   */
  predicts?: Record<string, unknown>
  /** Shown to the user with the result, changed or not. */
  notes?: string[]
}

/** One difference between what is and what is wanted. */
export interface Change {
  /** What changes, in the user's words: a file's path, `package postgresql-15`, `setting wal_level`, `role repl`. */
  path: string
  /** null where it does not exist yet. */
  before: unknown
  /** null where it is removed. */
  after: unknown
  /** Shown as a unified diff of two texts, instead of `before → after`. */
  text?: boolean
  /** Neither value is ever shown. */
  sensitive?: boolean
  /** Drops, restarts and replacements, which the recap counts apart. */
  destructive?: boolean
  /** Why, where it is not plain from the values: `restart: wal_level needs one`. */
  reason?: string
}

/** An effect, as data. `title` is what an error message calls it. */
export type Step =
  | ExecStep
  | WriteFileStep
  | DirectoryStep
  | AttributesStep
  | LinkStep
  | RemoveStep
  | SqlStep
  | WaitStep
  | GuardStep
  | IssueCertificateStep

interface StepBase {
  title?: string
}
export interface ExecStep extends StepBase {
  do: 'exec'
  /** Words, never a command line: the runner quotes. For shell text use ['sh', '-c', text]. */
  argv: readonly string[]
  /** The operating-system user; the task's become user when left out. */
  as?: string
  stdin?: string | Buffer
  env?: Readonly<Record<string, string>>
  cwd?: string
  /** Exit codes that are success; [0] when left out. 'any' never fails (the module judges in `result`). */
  ok?: readonly number[] | 'any'
  /** It must not be ended in its middle: where the run is interrupted or lost it is left to end, and keeps the lock. */
  uncut?: boolean
  /** Show the output's latest line while it runs (pg_basebackup --progress). */
  progress?: boolean
  /** Seconds; none when left out. */
  timeout?: number
}
/** Written to a temporary name beside, with final owner and mode, synced, then renamed. */
export interface WriteFileStep extends StepBase {
  do: 'write_file'
  path: string
  content: string | Buffer | { controllerFile: string }
  owner?: string
  group?: string
  /** An octal string such as '0640'; the present mode, else '0644', when left out. */
  mode?: string
  /** argv that must succeed on the temporary file before it is renamed; '%s' stands for its path. */
  validate?: readonly string[]
  /** Keep the old file as path.<time>~ beside. */
  backup?: boolean
}
/** Made with its parents, parents 0755 root. */
export interface DirectoryStep extends StepBase {
  do: 'directory'
  path: string
  owner?: string
  group?: string
  mode?: string
}
/** chown/chmod of what exists. */
export interface AttributesStep extends StepBase {
  do: 'attributes'
  path: string
  owner?: string
  group?: string
  mode?: string
  recurse?: boolean
}
export interface LinkStep extends StepBase {
  do: 'link'
  path: string
  target: string
}
/** Removes a file, link or folder with all in it. Never used on data directories. */
export interface RemoveStep extends StepBase {
  do: 'remove'
  path: string
}
export interface SqlStep extends StepBase {
  do: 'sql'
  on: SqlTarget
  text: string
  values?: readonly unknown[]
  /** The text or values hold a secret: it is kept out of errors and logs. */
  sensitive?: boolean
  /** Seconds that its commits may wait for a synchronous standby, instead of the runner's own limit. */
  syncWait?: number
}
/** Waits until `ready` answers at least one row (sql) or exits 0 (argv); fails with `message` after `timeout` s. */
export interface WaitStep extends StepBase {
  do: 'wait'
  ready:
    | { on: SqlTarget; text: string; values?: readonly unknown[] }
    | { argv: readonly string[]; as?: string }
  timeout: number
  message: string
}
/**
 * Runs `steps`, then `verify`, a query whose every row is a complaint (its first column the text). With a complaint,
 * or when a step fails, the files that `steps` wrote are put back as they were, `undo` runs, and the task fails with
 * the complaints.
 */
export interface GuardStep extends StepBase {
  do: 'guard'
  steps: readonly Step[]
  verify: { on: SqlTarget; text: string; values?: readonly unknown[] }
  undo?: readonly Step[]
}

/**
 * A certificate for a key that never leaves the host: `request` prints a certificate signing request there, and a
 * certificate authority on the controller signs it. A folder without an authority gets one.
 */
export interface IssueCertificateStep extends StepBase {
  do: 'issue_certificate'
  /** argv that prints a request in PEM (PKCS #10). Its key counts, never the names in it. */
  request: readonly string[]
  /** Folder on the controller that holds ca.crt and ca.key. */
  authority: string
  /** Host names and addresses that the certificate is for. */
  names: readonly string[]
  /** How long it is good for. */
  days: number
  /** Where the certificate goes. */
  cert: FileTarget
  /** Where the authority's own goes. */
  rootCert: FileTarget
}
export type FileTarget = Pick<WriteFileStep, 'path' | 'owner' | 'group' | 'mode'>

export interface StepOutput {
  /** Exit code; 0 for steps that are no process. */
  code: number
  stdout: string
  stderr: string
  rows?: Record<string, unknown>[]
  rowCount?: number
  /** What the user is to know of it, whatever comes after. */
  notes?: string[]
  /** Seconds it took. */
  seconds: number
}

/** A database of a Debian cluster, reached over its Unix socket as an operating-system user. */
export interface SqlTarget {
  /** Server version as in `pg_lsclusters`, '15', and cluster name, 'main'. */
  version: string
  cluster: string
  /** TCP port, which names the socket. */
  port: number
  /** Folder of the socket; /var/run/postgresql when left out. */
  socketDir?: string
  /** 'postgres' when left out. */
  db?: string
  /** In a check: it is stopped, and planned to run. It is read through a throw-away server. */
  peek?: boolean
  /** Role to act as, through SET SESSION AUTHORIZATION; the cluster owner when left out. */
  as?: string
}

/** The world as a module may read it. In check mode planned changes of earlier tasks are already part of it. */
export interface HostReader {
  /** inventory_hostname */
  readonly name: string
  /** True in check mode once an earlier task of this run planned a change on this host (or any host, with 'any'). */
  planned(where?: 'any'): boolean
  /**
   * Called before the inspection waits for something to come. What was read until then is not believed afterwards; an
   * inspection that the runner began ahead of its turn ends here, and begins again in its turn.
   */
  waiting(): void
  /**
   * A fact under a key (`package/curl`, `pg/15/main/role/app`). Answers a prediction of an earlier planned change
   * where there is one, else calls `read`, once until something changes on the host.
   */
  fact<T>(key: string, read: () => Promise<T>): Promise<T>
  /** The prediction under a key, if an earlier planned change made one. `file/PATH`: `{ content?: Buffer, … }`. */
  predicted<T>(key: string): T | undefined
  /** Every prediction whose key begins so, by the rest of its key: what a list read from the host must be completed with. */
  predictions<T>(prefix: string): Map<string, T>
  /** The same on another host of the run, by its name or address: what it will be, where this host only names it. */
  predictedOn<T>(nameOrAddress: string, key: string): T | undefined
  /** lstat with names; null where nothing is there. Reads through planned files. */
  stat(path: string): Promise<FileStat | null>
  /** The content, null where there is no file. Reads through planned files. @throws {Refusal} on a folder. */
  readFile(path: string): Promise<Buffer | null>
  /** sha256 in hex of a file's content, null where there is no file. Reads through planned files. */
  sha256(path: string): Promise<string | null>
  /** BLAKE2b-512 in the same way, for large files: coreutils takes 1.5 s for a GiB, and 3.7 s with sha256. */
  blake2b(path: string): Promise<string | null>
  /** Names in a folder, sorted, null where there is no folder. Reads through planned files. */
  list(path: string): Promise<string[] | null>
  /**
   * Runs a command that reads. argv[0] must be on the list in modules/read-commands.ts. Never throws on an exit
   * code. Calls made together (Promise.all) travel in one round trip.
   */
  read(
    argv: readonly string[],
    options?: { as?: string; stdin?: string; env?: Record<string, string> },
  ): Promise<Output>
  /** A query in a READ ONLY transaction; rows as objects. @throws {SqlError} */
  sql(on: SqlTarget, text: string, values?: readonly unknown[]): Promise<Record<string, any>[]>
  readonly controller: ControllerReader
}

export interface Output {
  code: number
  stdout: string
  stderr: string
}

export interface FileStat {
  type: 'file' | 'directory' | 'link' | 'other'
  /** Octal with leading zero, '0644'. */
  mode: string
  owner: string
  group: string
  uid: number
  gid: number
  /** bytes */
  size: number
  /** seconds since the epoch */
  mtime: number
  /** of a link */
  target?: string
}

/** A file of the controller that travels as a stream. */
export interface LargeFile {
  /** Absolute. */
  path: string
  /** bytes */
  size: number
  /** BLAKE2b-512 in hex; reads the whole file. */
  blake2b(): Promise<string>
}

/** The machine that `play` runs on. */
export interface ControllerReader {
  /** A file named in a task: absolute, or looked up beside the playbook, in files/ beside it, as Ansible does. */
  file(path: string): Promise<{ content: Buffer; path: string }>
  /** The same file, where it is too large to be held in memory (over LARGE_FILE bytes); null where it is not. */
  largeFile(path: string): Promise<LargeFile | null>
  /** Every file under a folder named in a task, as [relative path, absolute path, mode]. null where it is no folder. */
  tree(
    path: string,
  ): Promise<{ relative: string; path: string; mode: string; type: 'file' | 'directory' }[] | null>
  /** A template looked up beside the playbook and in templates/, rendered for this host. */
  template(path: string): Promise<{ content: string; path: string }>
  /** An http(s) URL, read once a run. @throws {Refusal} */
  fetch(url: string): Promise<Buffer>
}

/** The server's own words for a failed statement. */
export class SqlError extends Error {
  override name = 'SqlError'
  constructor(
    message: string,
    /** SQLSTATE, five characters; '08006' where there is no connection. */
    readonly code: string,
    readonly detail?: string,
    readonly hint?: string,
    /** The statement, unless it was sensitive. */
    readonly statement?: string,
    /** 1-based character in the statement. */
    readonly position?: number,
  ) {
    super(message)
  }
}

/** A module's "no": the task fails with this message, and nothing was done. */
export class Refusal extends Error {
  override name = 'Refusal'
  constructor(
    message: string,
    /** What to do about it. */
    readonly hint?: string,
    /** Lines of evidence: the numbers, the output. */
    readonly details: readonly string[] = [],
  ) {
    super(message)
  }
}

/** A value that only the real run will know. It spreads through conditions and templates and is never guessed. */
export class Unknown {
  constructor(readonly why: string) {}
}
export const unknown = (why: string): Unknown => new Unknown(why)

/** Thrown by `inspect` where what it needs is unknown: the task is reported as unknown. */
export class UnknownError extends Error {
  override name = 'UnknownError'
}

/** Names a type-checked module; the registry holds modules of any parameters. */
export const defineModule = <Params, State>(module: Module<Params, State>): Module<Params, State> => module

/** Marks a parameter's schema. `secret`: masked everywhere by value. `from`: names a file on the controller. */
export interface ParamMeta {
  description: string
  secret?: boolean
  from?: 'file' | 'template'
  example?: unknown
  /** Another accepted spelling, such as `dest` for `path`. */
  aliases?: string[]
}
