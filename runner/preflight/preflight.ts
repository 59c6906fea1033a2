import type { Module } from '../../contract/module.ts'
import { Diagnostics, type Pos } from '../errors.ts'
import { throwInOrder } from '../load/playbook/order.ts'
import type { Inventory, Play, Vars } from '../load/types.ts'
import { checkArguments } from './arguments.ts'
import { checkContradictions } from './contradictions.ts'
import { checkExpressions, checkPlayExpressions } from './expressions.ts'
import { checkFiles } from './files.ts'
import { checkNotifications } from './handlers.ts'
import { factsSetBy, type Known, namesKnownTo } from './names.ts'
import { checkNamesakes } from './namesakes.ts'
import { Usage } from './usage.ts'
import { walk } from './walk.ts'

export interface PreflightInput {
  plays: readonly Play[]
  inventory: Inventory
  modules: ReadonlyMap<string, Module>
  extraVars: Vars
  /** Accepted for the caller's ease: a check and a real run need the same to be right. */
  check?: boolean
  /** Receives what is wrong, beside what others found; thrown when left out. */
  diagnostics?: Diagnostics
}

/**
 * Everything that can be told before a host is reached: arguments against their module's schema, files and templates,
 * handlers, conditions, and that each variable is defined somewhere. What hangs on a template is left to the run.
 *
 * @returns the variables that are used
 * @throws {PlayErrors} all that is wrong: codes argument, file, yaml, handler, template, condition, variable
 */
export function preflight(input: PreflightInput): ReadonlySet<string> {
  const diagnostics = input.diagnostics ?? new Diagnostics()
  const facts: Known = { names: new Set(), open: false }
  const calls = new Map<string, Pos>()
  const used = new Set<string>()
  for (const play of input.plays) {
    factsSetBy(play, input.modules, facts)
    const usage = new Usage(namesKnownTo(play, input, facts, diagnostics), diagnostics)
    checkPlayExpressions(play, usage)
    const entries = [...play.sections.flatMap((section) => section.entries), ...play.handlers]
    for (const { entry, above } of walk(entries)) {
      const module = entry.kind === 'task' ? input.modules.get(entry.module) : undefined
      const inner = checkExpressions(entry, above, usage, module)
      if (entry.kind !== 'task') continue
      checkNotifications(entry, play.handlers, diagnostics)
      if (!module) continue
      checkArguments(entry, module, diagnostics)
      checkFiles(entry, module, play.dir, diagnostics, (text, pos) => usage.template(text, pos, inner))
    }
    checkContradictions(play, input.modules, diagnostics)
    for (const name of usage.used) used.add(name)
    for (const [name, pos] of usage.calls) if (!calls.has(name)) calls.set(name, pos)
  }
  checkNamesakes(calls, input.inventory, diagnostics)
  if (!input.diagnostics) throwInOrder(diagnostics)
  return used
}
