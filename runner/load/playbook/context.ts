import { dirname, isAbsolute, relative } from 'node:path'
import type { Module } from '../../../contract/module.ts'
import { Diagnostics } from '../../errors.ts'
import type { Handler, LoadSettings, Located, RoleUse, Vars } from '../types.ts'
import type { ModuleDefaults } from './module-defaults.ts'

export type KnownModule = Pick<Module, 'name' | 'freeForm' | 'pairs' | 'group'> & {
  params?: Module['params']
}

export interface LoadOptions {
  modules: ReadonlyMap<string, KnownModule>
  /** From -e. */
  extraVars: Vars
  /** What stands around a file of tasks, or a role, that is read when it is reached. */
  moduleDefaults?: ModuleDefaults
  role?: RoleUse
  playDir?: string
  collections?: readonly string[]
  settings?: LoadSettings
  /** What is read is under a condition, or read when it is reached: that it is reached is not said. */
  conditional?: boolean
}

/** What the roles of a play bring to all of it. */
export interface PlayParts {
  roles: RoleUse[]
  handlers: Handler[]
  /** Roles, as they were asked for, that need not run again. */
  done: Set<string>
}

/** One loading, passed down through files. */
export interface Context extends LoadOptions {
  diagnostics: Diagnostics
  /** The file being read, as it is shown. */
  file: string
  /** Its folder, absolute: what it names is looked up from there. */
  dir: string
  /** Absolute: every file from the playbook down to this one, to find those that import themselves. */
  chain: readonly string[]
  /** How many were read by this loading. */
  files: { read: number }
  moduleDefaults: ModuleDefaults
  /** Folder of the playbook, absolute. */
  playDir: string
  /** What the play says of itself: a template in an import may use it besides -e. */
  playVars?: Located<Mapping>
  parts: PlayParts
  /** The tasks being read are handlers. */
  handlers?: boolean
}

export type Mapping = Record<string, unknown>

export const noParts = (): PlayParts => ({ roles: [], handlers: [], done: new Set() })

export const newContext = (options: LoadOptions): Context => ({
  ...options,
  moduleDefaults: options.moduleDefaults ?? new Map(),
  playDir: options.playDir ?? process.cwd(),
  parts: noParts(),
  diagnostics: new Diagnostics(),
  file: '',
  dir: process.cwd(),
  chain: [],
  files: { read: 0 },
})

/** One file down. @param path absolute */
export const inFile = (path: string, context: Context): Context => ({
  ...context,
  file: shownPath(path),
  dir: dirname(path),
  chain: [...context.chain, path],
})

/** As the user would type it: relative where it lies below the working folder. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
}
