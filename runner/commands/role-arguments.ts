import { jsonText } from '../../contract/exact-json.ts'
import type { Module } from '../../contract/module.ts'
import { validateArgumentSpecModule } from '../../modules/control/validate-argument-spec/index.ts'
import {
  type Options,
  type Problem,
  problemsOf,
  told,
} from '../../modules/control/validate-argument-spec/problems.ts'
import type { Diagnostics, Pos } from '../errors.ts'
import { type Scope, writtenIn } from '../load/scope.ts'
import { containsTemplate } from '../load/template.ts'
import type { Entry, Play, Task } from '../load/types.ts'
import { isMagic, type Known, setLater } from '../preflight/names.ts'
import type { Fleet } from '../run/fleet.ts'
import { type Inherited, inherit, NOTHING_INHERITED } from '../run/inherit.ts'
import { inheritedOf, playVarsFor, targetsQuietly } from '../run/play.ts'

interface Input {
  plays: readonly Play[]
  fleet: Fleet
  modules: ReadonlyMap<string, Module>
  limit: (hosts: string[]) => string[]
  diagnostics: Diagnostics
}

/**
 * What roles say of their arguments, as far as it is known before the first connection: where their check is reached in any
 * case, of variables that are written without a template and that nothing in the run sets. The rest is told when it is reached.
 */
export function checkRoleArguments({ plays, fleet, modules, limit, diagnostics }: Input): void {
  const checks = plays.map(checksOf)
  if (checks.every((all) => all.length === 0)) return
  const later: Known = { names: new Set(), open: false }
  for (const [index, play] of plays.entries()) {
    setLater(play, modules, later)
    if (later.open) return
    const run = { fleet, limit, knownPlayVars: new Map() }
    const hosts = limit(targetsQuietly(play, run))
    if (hosts.length === 0) continue
    const playVars = playVarsFor(play, hosts, run)
    for (const { task, inherited } of checks[index]!) {
      const found = new Found(hosts)
      for (const host of hosts) {
        const scope = fleet.variables.scope(fleet.host(host), playVars, inherited)
        for (const one of problemsNow(task, scope, later)) found.add(one, host)
      }
      found.tell(task, diagnostics)
    }
  }
}

interface Placed {
  problem: Problem
  pos: Pos
}

/** What several hosts have in common is told once. */
class Found {
  readonly #all = new Map<string, Placed & { on: string[] }>()
  constructor(readonly hosts: readonly string[]) {}

  add(one: Placed, host: string): void {
    const key = jsonText(one)
    const known = this.#all.get(key) ?? { ...one, on: [] }
    known.on.push(host)
    this.#all.set(key, known)
  }

  tell({ role, args }: Task, diagnostics: Diagnostics): void {
    for (const { problem, pos, on } of this.#all.values()) {
      const where = on.length === this.hosts.length ? '' : ` (${on.join(', ')})`
      diagnostics.add('argument', `${role ? `the role ${role.name}: ` : ''}${told(problem)}${where}`, {
        pos,
        hint: hintFor(problem, args),
      })
    }
  }
}

/** What the specification says of the argument, or where it is. */
function hintFor({ kind, path: [name] }: Problem, args: Task['args']): string {
  const option = (args.value.argument_spec as Options)[String(name)]
  const [about] = [option?.description ?? []].flat()
  if (kind === 'missing' && about !== undefined) return `${name}: ${about}`
  const { file, line } = args.locateKey(['argument_spec', ...(option ? [String(name)] : [])])
  return `what it takes is said in ${file}:${line}`
}

interface Check {
  task: Task
  inherited: Inherited
}

/** Those that each host of the play comes to, whatever happens: under no condition, and behind nothing that may end it. */
function checksOf(play: Play): Check[] {
  const base = inheritedOf(play, NOTHING_INHERITED)
  const found: Check[] = []
  for (const { entries } of play.sections) if (!collect(entries, base, found)) break
  return found
}

/** @returns whether what is behind them is reached */
function collect(entries: readonly Entry[], parent: Inherited, into: Check[]): boolean {
  for (const entry of entries) {
    if (entry.kind === 'meta' && entry.action.startsWith('end_')) return false
    if (entry.kind === 'include') continue
    const own = inherit(parent, entry)
    // What fails there may be meant to.
    const isSaved =
      (own.ignoreErrors ?? false) !== false || (entry.kind === 'block' && entry.rescue.length > 0)
    if (own.when.length > 0 || isSaved) continue
    if (entry.kind === 'block') {
      if (!collect(entry.block, own, into)) return false
    } else if (entry.kind === 'task' && entry.module === validateArgumentSpecModule.name && !entry.loop)
      into.push({ task: entry, inherited: own })
  }
  return true
}

function problemsNow(task: Task, scope: Scope, later: Known): Placed[] {
  const { argument_spec, provided_arguments } = task.args.value
  const isRight = validateArgumentSpecModule.params.safeParse(task.args.value).success
  if (!isRight || containsTemplate(argument_spec)) return []
  const given = (provided_arguments ?? {}) as Record<string, unknown>
  const values: Record<string, unknown> = { ...given }
  const places = new Map<string, Pos>()
  const open = new Set(Object.keys(given).filter((name) => containsTemplate(given[name])))
  for (const name of Object.keys(argument_spec as Options)) {
    if (Object.hasOwn(given, name)) continue
    const written = writtenIn(scope, name)
    if (later.names.has(name) || isMagic(name) || containsTemplate(written?.value)) open.add(name)
    if (!written || open.has(name)) continue
    values[name] = written.value
    const pos = written.locate?.()
    if (pos) places.set(name, pos)
  }
  return problemsOf(argument_spec as Options, values)
    .filter(({ path: [name] }) => !open.has(String(name)))
    .map((problem) => ({ problem, pos: placeOf(problem, task, given, places) }))
}

function placeOf(
  { path }: Problem,
  { args, role }: Task,
  given: Record<string, unknown>,
  places: ReadonlyMap<string, Pos>,
): Pos {
  const name = String(path[0])
  if (Object.hasOwn(given, name)) return args.locate(['provided_arguments', ...path])
  return places.get(name) ?? role?.pos ?? args.locateKey(['argument_spec', name])
}
