import type { Prediction } from './facts.ts'

/** No changes ⇔ no steps. */
export interface Plan {
  changes: Change[]
  steps: Step[]
  /**
   * What later tasks of this host will read, should the steps run; of two under one key the later counts. Files that
   * steps write are predicted by the steps themselves and need no entry.
   */
  predicts?: readonly Prediction[]
  /** Shown to the user with the result, changed or not. */
  notes?: string[]
  /** What is wrong all the same, and is told each time, changed or not. */
  warnings?: string[]
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
  /** The user's own command: of long output its head and tail are enough. Other output is whole, or the step fails. */
  mayCut?: boolean
  /**
   * Show the output's latest line while it runs (pg_basebackup --progress). A pattern: lines that only tell how far it is, by
   * their groups `percent` and `what`; they are left out of the output.
   */
  progress?: true | RegExp
  /** Seconds; none when left out. */
  timeout?: number
  /** What to do where it fails, instead of what its words suggest. */
  hint?: string
}

/** A step on a path that a link led to. */
interface LedTo {
  /** Uid of the user, not root, whose link that was: it is done with that user's rights alone. */
  through?: number
}

/**
 * Written to a temporary name beside, with final owner and mode, synced, then renamed. A link in its place is refused,
 * in a check too: where a file of a service is expected, it would lead somebody's secrets away, or be lost.
 */
export interface WriteFileStep extends StepBase, LedTo {
  do: 'write_file'
  path: string
  /** `output`: what this program prints on the host; it travels nowhere. */
  content: string | Buffer | { controllerFile: string } | { output: readonly string[] }
  owner?: string
  group?: string
  /** An octal string such as '0640'; the present mode, else '0644', when left out. */
  mode?: string
  /** argv that must succeed on the temporary file before it is renamed; '%s' stands for its path. */
  validate?: readonly string[]
  /** Keep the old file as path.<time>~ beside. */
  backup?: boolean
  /** Keep the old file under /var/backups/play, as is done for all of /etc where root writes. */
  keep?: boolean
  /**
   * The content is what the inspection read at this path, edited. Who might have given another file that name gets to read
   * nothing by it: the step is refused where the new file would open what the one that was read did not.
   */
  keeps?: boolean
  /** A link in its place is replaced, and what it leads to left alone. */
  replacesLink?: boolean
}

/** Made with its parents, parents 0755 root. */
export interface DirectoryStep extends StepBase, LedTo {
  do: 'directory'
  path: string
  owner?: string
  group?: string
  mode?: string
}

/** chown/chmod of what exists. */
export interface AttributesStep extends StepBase, LedTo {
  do: 'attributes'
  path: string
  owner?: string
  group?: string
  mode?: string
  /** Its times are those of now (touch). */
  touch?: boolean
  /** Whatever stands there is meant, as with all that is in a folder: who gave it its name does not matter. */
  anyName?: boolean
  /** It is about to be changed by somebody else: a copy of it is kept under /var/backups/play. */
  keep?: boolean
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
  /** A database in which nobody may be meanwhile: the run's own sessions there are ended before. */
  alone?: string
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
  /** Bytes that were left out of long output. */
  cut?: { stdout: number; stderr: number }
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
  /** Seconds that the server has to let a new session in: for what asks whether it answers. A minute when left out. */
  answersWithin?: number
  /** Role to act as, through SET SESSION AUTHORIZATION; the cluster owner when left out. */
  as?: string
  /**
   * Whose words the statement is made of, for who owns a database chooses how names and strings in it are read. `ours`, where
   * left out: unqualified names are of pg_catalog alone, and a backslash in a string is one. `mixed`: ours, around parts of the
   * user's (a type, a default): names are looked for in pg_catalog, then where the database says. `users`: as psql would read it.
   * `bare`: a look at what a session gets that sets nothing itself; every name in it is qualified.
   */
  words?: 'ours' | 'mixed' | 'users' | 'bare'
}
