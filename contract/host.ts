import type { FactGroup, FactKey, FactName, Predicted } from './facts.ts'
import type { SqlTarget } from './plan.ts'

/** What a digest is answered with where a file has another size than the one it is compared with. */
export const OTHER_SIZE = 'another size'

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
   * A fact under a key (`packageKey('curl')`). Answers a prediction of an earlier planned change where there is one,
   * else calls `read`, once until something changes on the host.
   */
  fact<T>(key: FactKey<T>, read: () => Promise<NoInfer<T>>): Promise<T>
  /** The prediction under a key, if an earlier planned change made one. */
  predicted<T>(key: FactKey<T>): T | undefined
  /**
   * An earlier planned change writes the file, and none after it predicts the key: whoever read the file when the key was
   * predicted, or before this check, has not read what will be in it.
   */
  writtenSince(path: string, key: FactName): boolean
  /** Every prediction under the keys of a group, in any order: what a list read from the host must be completed with. */
  predictions<T>(group: FactGroup<T>): Predicted<T>[]
  /** The prediction on another host of the run, by its name or address: what it will be, where this host only names it. */
  predictedOn<T>(nameOrAddress: string, key: FactKey<T>): T | undefined
  /**
   * The other hosts of the inventory that have a file, as they are: what is planned does not count. Those that cannot be
   * reached are left out.
   */
  othersWith(path: string): Promise<string[]>
  /** lstat with names; null where nothing is there. Reads through planned files. */
  stat(path: string): Promise<FileStat | null>
  /** The content, null where there is no file. Reads through planned files. @throws {Refusal} on a folder. */
  readFile(path: string): Promise<Buffer | null>
  /**
   * sha256 in hex of a file's content, null where there is no file. Reads through planned files.
   * @param size bytes of what it is compared with: a file of another size need not be read, and OTHER_SIZE is the answer then
   */
  sha256(path: string, size?: number): Promise<string | null>
  /** BLAKE2b-512 in the same way, for large files: coreutils takes 1.5 s for a GiB, and 3.7 s with sha256. */
  blake2b(path: string, size?: number): Promise<string | null>
  /** Names in a folder, sorted, null where there is no folder. Reads through planned files. */
  list(path: string): Promise<string[] | null>
  /** What dpkg knows of packages of these names, or of all, of every architecture; planned changes are not part of it. */
  packages(names: readonly string[] | 'all'): Promise<DpkgPackage[]>
  /** What `gather_facts` learns of the host: `ansible_distribution` and so on, each once more without `ansible_` under `ansible_facts`. */
  facts(): Promise<Record<string, unknown>>
  /**
   * What systemd knows of a unit, by its whole name ('ssh.service'); its `load` is 'not-found' where there is none.
   * @throws {Refusal} where no systemd answers
   */
  unit(name: string): Promise<Unit>
  /** A user by name, as the host finds it (nsswitch.conf); null where there is none. */
  user(name: string): Promise<User | null>
  /** A group in the same way. */
  group(name: string): Promise<Group | null>
  /** Every process that has a command line. */
  processes(): Promise<Process[]>
  /** The host's clock: seconds since the epoch. */
  now(): Promise<number>
  /**
   * Runs a command that reads. It must be among the module's `reads`, or on a list of those that any may run. Never throws on an exit
   * code. Calls made together (Promise.all) travel in one round trip.
   */
  read(
    argv: readonly string[],
    options?: { as?: string; stdin?: string; env?: Record<string, string> },
  ): Promise<Output>
  /**
   * A text that came from a task, not from the module: one statement, in a READ ONLY transaction of its own that is rolled
   * back, so that nothing it says reaches what is read after it. @throws {SqlError}
   */
  ask(on: SqlTarget, text: string, values?: readonly unknown[]): Promise<Record<string, any>[]>
  /**
   * Has the server parse a statement, part of which came from a task, and neither plan nor run it: nothing in it is computed,
   * where EXPLAIN would compute what it takes for constant. @returns the types of its parameters, as oids @throws {SqlError}
   */
  parse(on: SqlTarget, text: string): Promise<string[]>
  /** A query of the module's own in a READ ONLY transaction; rows as objects. @throws {SqlError} */
  sql(on: SqlTarget, text: string, values?: readonly unknown[]): Promise<Record<string, any>[]>
  readonly controller: ControllerReader
}

export interface Output {
  code: number
  stdout: string
  stderr: string
  /** Bytes that were left out in the middle, where that was allowed and something was. */
  cut?: { stdout: number; stderr: number }
}

/** As dpkg's status has it (dpkg-query(1)). */
export interface DpkgPackage {
  name: string
  architecture: string
  /** 'install', 'hold', 'deinstall', … */
  want: string
  /** 'installed', 'config-files', 'half-configured', … */
  status: string
  /** Empty where none is there. */
  version: string
}

/** As `systemctl show` has it. */
export interface Unit {
  /** Id: its own name, where it was asked for by an alias. */
  id: string
  /** LoadState: 'loaded', 'not-found', 'masked', … */
  load: string
  /** ActiveState: 'active', 'inactive', 'failed', … */
  active: string
  /** SubState, which says more for each kind: 'running', 'auto-restart', 'exited', … */
  sub: string
  /** Result: 'success', 'exit-code', …; empty where it is no service. */
  result: string
  /** UnitFileState, as systemd read it last: 'enabled', 'static', …; empty where there is no file. */
  file: string
  /** FragmentPath: its unit file; empty where there is none. */
  path: string
  /** DropInPaths: what adds to that, as systemd has read it. */
  dropIns: string[]
  /** TriggeredBy: sockets, timers and the like that start it. */
  triggeredBy: string[]
  canReload: boolean
  /** Its file has changed since systemd read it. */
  needReload: boolean
}

export interface User {
  name: string
  uid: number
  /** Of the first group. */
  gid: number
  home: string
  shell: string
}

export interface Group {
  name: string
  gid: number
  /** Users of whom it is not the first group. */
  members: string[]
}

export interface Process {
  pid: number
  /** The process that started it, or that it was left to. */
  parent: number
  /** Its words, with a space between. */
  command: string
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

export interface ControllerFile {
  content: Buffer
  /** Absolute. */
  path: string
  /** It was decrypted: what it holds is never shown, and differs from what is at the path. */
  secret?: boolean
}

/** The machine that `play` runs on. */
export interface VariablesFrom {
  file?: string
  dir?: string
  /** A variable that holds them all. */
  name?: string
  /** Folders; 0: without an end. */
  depth: number
  /** A regular expression. */
  files_matching?: string
  ignore_files: readonly string[]
  extensions: readonly string[]
  ignore_unknown_extensions: boolean
}

export interface IncludedVariables {
  variables: Record<string, unknown>
  /** Absolute paths, in the order in which they were read. */
  files: string[]
}

export interface ControllerReader {
  /**
   * A file named in a task: absolute, or looked up beside the playbook, in files/ beside it, as Ansible does.
   * @param encrypted 'as it is': one that ansible-vault encrypted is not decrypted
   */
  file(path: string, encrypted?: 'as it is'): Promise<ControllerFile>
  /**
   * The same file, where it is too large to be held in memory (over LARGE_FILE bytes); null where it is not, and where it
   * has to be decrypted.
   */
  largeFile(path: string, encrypted?: 'as it is'): Promise<LargeFile | null>
  /** Every file under a folder named in a task, as [relative path, absolute path, mode]. null where it is no folder. */
  tree(
    path: string,
  ): Promise<{ relative: string; path: string; mode: string; type: 'file' | 'directory' }[] | null>
  /** Who but this user and root may write to a file or folder, in words; null where nobody may, or nothing is there. */
  whoElseWrites(path: string): Promise<string | null>
  /** A template looked up beside the playbook and in templates/, rendered for this host. @param dest where it goes to on the host */
  template(path: string, dest: string): Promise<{ content: string; path: string; secret?: boolean }>
  /** A variable as a template of the task reads it; undefined where there is none. @throws what rendering it throws */
  variable(name: string): Promise<{ value: unknown } | undefined>
  /** Variables of a file, or of the files of a folder; templates in them are left as they are. @throws {Refusal} */
  variables(from: VariablesFrom): Promise<IncludedVariables>
  /** An http(s) URL, read once a run. @throws {Refusal} */
  fetch(url: string): Promise<Buffer>
  /** Waits, until the user has had enough at most. @param seconds */
  pause(seconds: number): Promise<void>
  /** What the user types; null where there is no terminal. @param echo whether it is shown */
  ask(prompt: string, echo: boolean): Promise<string | null>
}
