import { resolve } from 'node:path'
import type { Diagnostics, Pos } from '../errors.ts'
import { type LoadOptions, newContext } from './playbook/context.ts'
import { readPlaybook } from './playbook/file.ts'
import { readTaskFile } from './playbook/imports.ts'
import { throwInOrder } from './playbook/order.ts'
import { readRole } from './playbook/roles/read-role.ts'
import { askedFor } from './playbook/roles/role-tasks.ts'
import type { Entry, Handler, Play, RoleUse } from './types.ts'

export type { LoadOptions } from './playbook/context.ts'

/**
 * Reads playbooks with all that they import. Positions of all errors are those of the file they stand in.
 *
 * @param options.diagnostics receives what is wrong; what could be read is returned all the same
 * @throws {PlayErrors} without it, everything that is wrong in any of the files: codes yaml, file, playbook, module, argument,
 * condition, template, variable
 */
export function loadPlaybooks(
  paths: readonly string[],
  options: LoadOptions & { diagnostics?: Diagnostics },
): Play[] {
  const context = newContext(options)
  const plays = paths.flatMap((path) => readPlaybook(resolve(path), undefined, context))
  options.diagnostics?.warnings.push(...context.diagnostics.warnings)
  if (options.diagnostics) options.diagnostics.errors.push(...context.diagnostics.errors)
  else throwInOrder(context.diagnostics)
  return plays
}

/** What is read when it is reached. */
export interface Loaded {
  entries: Entry[]
  /** Of the roles in it. */
  handlers: Handler[]
  /** The roles that it imports. */
  brings: RoleUse[]
}

/**
 * The tasks of one file, for an include_tasks that is reached.
 *
 * @param options.pos where the file is named
 * @throws {PlayErrors} as loadPlaybooks
 */
export function loadTaskFile(path: string, options: LoadOptions & { pos?: Pos }): Loaded {
  const context = newContext(options)
  const entries = readTaskFile(resolve(path), options.pos, context)
  throwInOrder(context.diagnostics)
  return { entries, handlers: context.parts.handlers, brings: context.parts.roles }
}

/**
 * A role, for an include_role that is reached.
 *
 * @param options.pos where it is named
 * @throws {PlayErrors} as loadPlaybooks
 */
export function loadRole(
  name: string,
  from: Readonly<Record<string, string>>,
  options: LoadOptions & { pos: Pos; unchecked?: boolean },
): Loaded & { use: RoleUse } {
  const context = newContext(options)
  const named = Object.entries(from).map(([part, text]) => [part, { text, pos: options.pos }])
  const asked = askedFor(name, options.pos, Object.fromEntries(named))
  const read = readRole({ ...asked, unchecked: options.unchecked }, context)
  throwInOrder(context.diagnostics)
  // Without an error it is there.
  const { use, entries, handlers } = read!
  return { use, entries, handlers: [...handlers, ...context.parts.handlers], brings: context.parts.roles }
}
