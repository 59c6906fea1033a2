import type { RunFlags } from '../help.ts'

/** Where a value stands, for what hangs on that. */
export interface Base {
  /** Relative paths begin here: the folder of the file, the working folder for the environment. Absolute. */
  folder: string
  /** The working folder. Absolute. */
  cwd: string
  env: Environment
  /** It stands in an ansible.cfg. */
  ansible?: boolean
  /** Of the environment: its name there. */
  variable?: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** A row of the table of settings. `D` is what counts where nobody says anything. */
export interface Setting<T = unknown, D = T | undefined> {
  /** The type, in words. */
  takes: string
  summary: string
  default: D
  /** What the documents say in its place. */
  unset?: string
  /** The name that ansible-config and `lookup('config')` have for it. */
  ansible?: string
  /** It is a path, or a list of paths. */
  paths?: true
  /** section.key of ansible.cfg; of several the last one that is there counts. */
  ini: readonly string[]
  /** Ansible's variables of the environment; of several the last one that is there counts. */
  env: readonly string[]
  /** Not in the environment, and not in a user's own files: the project says it. */
  ofProject?: true
  /** The option that says it, for the documents. */
  option?: string
  /** What the command line says. */
  given(flags: RunFlags): T | undefined
  /** @throws {Unfit} */
  read(raw: unknown, base: Base): T
}

/** A value that is none of the setting; the message says what is. */
export class Unfit extends Error {}

export type ValueOf<S> = S extends Setting<infer T, infer D> ? T | D : never
