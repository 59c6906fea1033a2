import type * as z from 'zod'
import type { Module } from '../../contract/module.ts'
import { canonical, elementOf, parameters } from '../../contract/parse-params.ts'
import { PlayError } from '../errors.ts'
import { evaluate } from '../load/condition.ts'
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
  const before = sameForAll.get(task)
  if (before !== undefined) {
    maskSecrets(module.params, before, masker)
    return before
  }
  const locate = (path: readonly (string | number)[] = []) => task.args.locate(path)
  const { that, ...templates } = task.args.value as Vars
  const asserts = task.module === 'assert'
  const rendered = canonical(
    renderValue(asserts ? templates : task.args.value, scope, locate) as Vars,
    module.params,
  )
  // What they evaluate to is data, and is added after the rendering: data is never a template.
  Object.assign(rendered, expressions(task, asserts ? that : undefined, scope))
  const parsed = module.params.safeParse(rendered)
  maskSecrets(module.params, parsed.success ? (parsed.data as Vars) : rendered, masker)
  if (parsed.success) {
    const hangsOnVariables = containsTemplate(task.args.value) || that !== undefined || 'var' in rendered
    if (!hangsOnVariables) sameForAll.set(task, parsed.data)
    return parsed.data
  }
  const errors = parsed.error.issues.map((issue) => {
    const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol')
    const where = path.length > 0 ? `${module.name}: ${path.join('.')}: ` : `${module.name}: `
    return new PlayError('argument', `${where}${issue.message}`, { pos: locate(path) })
  })
  if (errors.length === 1) throw errors[0]
  const [first] = errors
  throw new PlayError('argument', first!.message, {
    pos: first!.pos,
    details: errors.slice(1).map((error) => error.message),
  })
}

/** Arguments without a template or condition: parsed for one host, and good for all. */
const sameForAll = new WeakMap<Task, unknown>()

/** `assert.that` and `debug.var` hold CEL, not text: they are evaluated here, where the variables are. */
function expressions(task: Task, that: unknown, scope: Scope): Vars {
  if (that !== undefined) {
    const list = Array.isArray(that) ? that : [that]
    const judged = list.map((text, index) => {
      if (typeof text === 'boolean') return { text: String(text), ok: text }
      const pos = task.args.locate(Array.isArray(that) ? ['that', index] : ['that'])
      return { text: String(text), ok: evaluate({ text: String(text), pos }, scope) === true }
    })
    return { that: judged }
  }
  const { var: expression } = task.args.value as Vars
  if (task.module === 'debug' && typeof expression === 'string')
    return { value: evaluate({ text: expression, pos: task.args.locate(['var']) }, scope) }
  return {}
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
