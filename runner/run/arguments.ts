import { isDeepStrictEqual } from 'node:util'
import type * as z from 'zod'
import type { Module } from '../../contract/module.ts'
import { canonical, celParameters, elementOf, parameters } from '../../contract/parse-params.ts'
import { PlayError } from '../errors.ts'
import { evaluate, isTrueIn } from '../load/condition.ts'
import { hintOf, issuesOf, messageOf } from '../load/issues.ts'
import { describe } from '../load/playbook/describe.ts'
import type { Scope } from '../load/scope.ts'
import { containsTemplate, renderValue } from '../load/template.ts'
import type { Task, Vars } from '../load/types.ts'
import type { Masker } from '../report/mask.ts'

/**
 * The task's arguments, rendered for the host and parsed by the module's schema. Secrets are made known to the
 * masker before anything is done with them.
 * @throws {PlayError} with the position of the argument
 */
export function parseArguments(task: Task, module: Module, scope: Scope, masker: Masker): unknown {
  const learn = (args: unknown) => {
    masker.learn(args as Vars)
    maskSecrets(module.params, args, masker)
  }
  const before = sameForAll.get(task)
  if (before !== undefined) {
    learn(before)
    return before
  }
  const locate = (path: readonly (string | number)[] = []) => task.args.locate(path)
  const cel = celParameters(module)
  const written = Object.entries(task.args.value as Vars)
  const templates = Object.fromEntries(written.filter(([name]) => !cel.has(name)))
  const rendered = canonical(
    { ...moreArguments(task, scope), ...(renderValue(templates, scope, locate) as Vars) },
    module.params,
  )
  // What they evaluate to is data, and is added after the rendering: data is never a template.
  for (const [name, value] of written)
    if (cel.has(name)) rendered[name] = evaluatedArgument(value, name, cel.get(name)!, task, scope)
  const alike = lately
    .get(task)
    ?.find((one) => one.masker === masker && isDeepStrictEqual(one.rendered, rendered))
  if (alike) return alike.parsed
  const parsed = module.params.safeParse(rendered)
  learn(parsed.success ? parsed.data : rendered)
  if (parsed.success) {
    const hangsOnVariables =
      task.moreArgs !== undefined ||
      containsTemplate(task.args.value) ||
      written.some(([name]) => cel.has(name))
    if (!hangsOnVariables) sameForAll.set(task, parsed.data)
    else remember(task, { masker, rendered, parsed: parsed.data })
    return parsed.data
  }
  const errors = issuesOf(parsed.error.issues, rendered).map(
    (issue) =>
      new PlayError('argument', messageOf(issue, module), {
        pos: locate(issue.path),
        hint: hintOf(issue, module),
      }),
  )
  if (errors.length === 1) throw errors[0]
  const [first] = errors
  throw new PlayError('argument', first!.message, {
    pos: first!.pos,
    hint: first!.hint,
    details: errors.slice(1).map((error) => error.message),
  })
}

/** Those of `args: "{{ … }}"`. @throws {PlayError} */
function moreArguments({ moreArgs }: Task, scope: Scope): Vars {
  if (!moreArgs) return {}
  const { template, pos } = moreArgs
  const value = renderValue(template, scope, () => pos)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Vars
  throw new PlayError('argument', `args: expected a mapping of arguments, but found ${describe(value)}`, {
    pos,
  })
}

/** Arguments without a template or condition: parsed for one host, and good for all. */
const sameForAll = new WeakMap<Task, unknown>()

interface Parsed {
  /** It knows the secrets among them. */
  masker: Masker
  rendered: unknown
  parsed: unknown
}

/** What a task's arguments were rendered to for some hosts, and parsed as: it is asked again when variables have changed. */
const lately = new WeakMap<Task, Parsed[]>()

/** Hosts and items of a loop that are remembered for each task. */
const MOST = 8

function remember(task: Task, one: Parsed): void {
  const all = lately.get(task) ?? []
  lately.set(task, [one, ...all.slice(0, MOST - 1)])
}

/** CEL is evaluated here, where the variables are. What is no text is left to the module's schema. */
function evaluatedArgument(
  value: unknown,
  name: string,
  holds: 'conditions' | 'expression',
  task: Task,
  scope: Scope,
): unknown {
  const at = (text: unknown, path: (string | number)[]) => ({
    text: String(text),
    pos: task.args.locate(path),
  })
  if (holds === 'expression')
    return typeof value === 'string' ? { text: value, value: evaluate(at(value, [name]), scope) } : value
  return [value].flat().map((text, index) => {
    if (typeof text === 'boolean') return { text: String(text), ok: text }
    const path = Array.isArray(value) ? [name, index] : [name]
    return { text: String(text), ok: isTrueIn(at(text, path), scope) }
  })
}

function maskSecrets(schema: z.ZodType, value: unknown, masker: Masker): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, { meta, schema: inner }] of parameters(schema)) {
    const entry = (value as Vars)[name]
    if (meta?.secret) addAll(entry, masker)
    else if (Array.isArray(entry)) for (const item of entry) maskSecrets(elementOf(inner), item, masker)
    else maskSecrets(inner, entry, masker)
  }
}

function addAll(value: unknown, masker: Masker): void {
  if (typeof value === 'string') masker.add(value)
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) addAll(inner, masker)
}
