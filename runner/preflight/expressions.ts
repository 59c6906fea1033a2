import type { Module } from '../../contract/module.ts'
import { celParameters } from '../../contract/parse-params.ts'
import type { Pos } from '../errors.ts'
import { NEAREST } from '../load/playbook/keyword-table.ts'
import type { Entry, Expression, Inheritable, Located, Play, Task, Template } from '../load/types.ts'
import { type Known, ownNames } from './names.ts'
import type { Usage } from './usage.ts'
import type { Above } from './walk.ts'

/** Templates and conditions of a play's own keywords. */
export function checkPlayExpressions(play: Play, usage: Usage): void {
  const { anywhere } = usage.names
  usage.template(play.hosts, play.hostsPos, anywhere)
  usage.template(play.name, play.pos, anywhere)
  for (const { path, pos } of play.varsFiles) usage.template(path, pos, anywhere)
  for (const source of usage.names.sources) usage.value(source.value, source.locate, anywhere)
  for (const value of [play.gatherFacts, play.forceHandlers, play.maxFailPercentage, ...play.serial])
    checkKeyword(value, play.pos, usage, anywhere)
  checkInheritable(play, play.pos, usage, anywhere)
}

/** Those of one entry, without what is inside it. Returns the names that it knows. */
export function checkExpressions(entry: Entry, above: Above, usage: Usage, module?: Module): Known {
  const outer = above.flatMap((parent) => ownNames(parent))
  const beforeLoop = usage.with([...outer, ...ownNames(entry, false)])
  const known = usage.with([...outer, ...ownNames(entry)])
  const { anywhere } = usage.names
  if (entry.name) usage.template(entry.name, entry.pos, anywhere)
  if (entry.varsAt) usage.value(entry.vars, entry.varsAt.locate, anywhere)
  // What a block carries is worked out in its tasks, where their own names are known.
  checkInheritable(entry, entry.pos, usage, entry.kind === 'block' ? anywhere : known)
  if (entry.kind === 'block' || entry.kind === 'meta') return known
  if (entry.loop) usage.value(entry.loop.value, entry.loop.locate, beforeLoop)
  const { label, pause, extended, extendedAllitems, breakWhen } = entry.loopControl
  for (const value of [label, pause, extended, extendedAllitems, ...breakWhen])
    checkKeyword(value, entry.pos, usage, known)
  if (entry.kind === 'include')
    for (const text of [entry.path, entry.asked?.name ?? '', ...Object.values(entry.asked?.from ?? {})])
      usage.template(text, entry.pos, known)
  else checkTask(entry, usage, known, module)
  return known
}

function checkTask(task: Task, usage: Usage, known: Known, module: Module | undefined): void {
  for (const value of [task.retries, task.delay, task.timeout, task.async, task.poll, task.moreArgs])
    checkKeyword(value, task.pos, usage, known)
  for (const { name, pos } of task.notify) usage.template(name, pos, known)
  for (const list of [task.changedWhen, task.failedWhen, task.until])
    if (Array.isArray(list)) for (const expression of list) usage.condition(expression, known)
  const cel = module ? celParameters(module) : new Map<string, 'conditions' | 'expression'>()
  for (const [name, value] of Object.entries(task.args.value)) {
    const holds = cel.get(name)
    if (holds === undefined) usage.value({ [name]: value }, task.args.locate, known)
    else
      for (const expression of textsOf(value, name, task.args.locate)) {
        if (holds === 'conditions') usage.condition(expression, known)
        else usage.expression(expression, known)
      }
  }
}

function textsOf(value: unknown, name: string, locate: Located['locate']): Expression[] {
  const parts = Array.isArray(value)
    ? value.map((text, index) => ({ text, path: [name, index] }))
    : [{ text: value, path: [name] }]
  return parts.flatMap(({ text, path }) => (typeof text === 'string' ? [{ text, pos: locate(path) }] : []))
}

/** What it may be: a template, a condition, or text that may hold {{ }}. */
function checkKeyword(value: unknown, pos: Pos, usage: Usage, known: Known): void {
  if (typeof value === 'string') usage.template(value, pos, known)
  if (typeof value !== 'object' || value === null) return
  if ('template' in value) usage.template((value as Template).template, (value as Template).pos, known)
  else if ('text' in value) usage.condition(value as Expression, known)
}

function checkInheritable(node: Inheritable, pos: Pos, usage: Usage, known: Known): void {
  for (const tag of node.tags) usage.template(tag, pos, known)
  for (const expression of node.when) usage.condition(expression, known)
  for (const [, field] of NEAREST) checkKeyword(node[field], pos, usage, known)
  const environment: Located | undefined = node.environment
  if (environment) usage.value(environment.value, environment.locate, known)
}
