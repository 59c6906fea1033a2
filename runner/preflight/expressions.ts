import type { Pos } from '../errors.ts'
import type { Entry, Expression, Inheritable, Located, Play, Task } from '../load/types.ts'
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
  if (play.remoteUser) usage.template(play.remoteUser, play.pos, anywhere)
  checkInheritable(play, play.pos, usage, anywhere)
}

/** Those of one entry, without what is inside it. Returns the names that it knows. */
export function checkExpressions(entry: Entry, above: Above, usage: Usage): Known {
  const outer = above.flatMap((parent) => ownNames(parent))
  const beforeLoop = usage.with([...outer, ...ownNames(entry, false)])
  const known = usage.with([...outer, ...ownNames(entry)])
  const { anywhere } = usage.names
  if (entry.name) usage.template(entry.name, entry.pos, anywhere)
  if (entry.varsAt) usage.value(entry.vars, entry.varsAt.locate, anywhere)
  // What a block carries is worked out in its tasks, where their own names are known.
  checkInheritable(entry, entry.pos, usage, entry.kind === 'block' ? anywhere : known)
  if (entry.kind === 'block') return known
  if (entry.loop) usage.value(entry.loop.value, entry.loop.locate, beforeLoop)
  if (entry.loopControl.label) usage.template(entry.loopControl.label, entry.pos, known)
  if (entry.kind === 'include') usage.template(entry.path, entry.pos, known)
  else checkTask(entry, usage, known)
  return known
}

function checkTask(task: Task, usage: Usage, known: Known): void {
  for (const { name, pos } of task.notify) usage.template(name, pos, known)
  for (const list of [task.changedWhen, task.failedWhen, task.until && [task.until]])
    if (Array.isArray(list)) for (const expression of list) usage.condition(expression, known)
  for (const expression of conditionsIn(task)) {
    if (task.module === 'debug') usage.expression(expression, known)
    else usage.condition(expression, known)
  }
  const plain = Object.entries(task.args.value).filter(([name]) => !isCondition(task, name))
  usage.value(Object.fromEntries(plain), task.args.locate, known)
}

const isCondition = (task: Task, name: string): boolean =>
  (task.module === 'assert' && name === 'that') || (task.module === 'debug' && name === 'var')

/** assert.that holds conditions, debug.var any expression. */
function conditionsIn(task: Task): Expression[] {
  const { value, locate } = task.args
  return Object.keys(value)
    .filter((name) => isCondition(task, name))
    .flatMap((name) => {
      const found = value[name]
      const parts = Array.isArray(found)
        ? found.map((text, index) => ({ text, path: [name, index] }))
        : [{ text: found, path: [name] }]
      return parts.flatMap(({ text, path }) =>
        typeof text === 'string' ? [{ text, pos: locate(path) }] : [],
      )
    })
}

function checkInheritable(node: Inheritable, pos: Pos, usage: Usage, known: Known): void {
  for (const expression of node.when) usage.condition(expression, known)
  if (typeof node.ignoreErrors === 'object') usage.condition(node.ignoreErrors, known)
  for (const text of [node.become, node.becomeUser, node.noLog, node.delegateTo])
    if (typeof text === 'string') usage.template(text, pos, known)
  const environment: Located | undefined = node.environment
  if (environment) usage.value(environment.value, environment.locate, known)
}
