import type * as z from 'zod'
import type { Module } from '../../contract/module.ts'
import { celParameters, elementOf, parameters } from '../../contract/parse-params.ts'
import type { Diagnostics } from '../errors.ts'
import { didYouMean } from '../load/nearest.ts'
import { TASK_KEYWORDS } from '../load/playbook/keywords.ts'
import { containsTemplate } from '../load/template.ts'
import type { Task } from '../load/types.ts'
import { type Issue, issuesOf } from './issues.ts'
import { type WrittenArgs, writtenArgs } from './written-args.ts'

/** A task's arguments against its module's schema. What holds {{ }} is only known at run time and is left out. */
export function checkArguments(task: Task, module: Module, diagnostics: Diagnostics): void {
  const args = writtenArgs(task, module)
  for (const [later, earlier] of args.twice) {
    diagnostics.add('argument', `${earlier} and ${later} are the same argument of ${module.name}`, {
      pos: task.args.locateKey([later]),
      hint: 'remove one of them',
    })
  }
  const value = evaluated(module, args.value)
  const parsed = module.params.safeParse(value)
  if (parsed.success) return
  const templated = containsTemplate(value)
  for (const issue of issuesOf(parsed.error.issues as z.core.$ZodIssue[], value)) {
    if (issue.kind !== 'unknown' && containsTemplate(issue.found)) continue
    // A rule over several arguments cannot be judged while one of them is not known.
    if (issue.kind === 'rule' && templated && !isOwnRule(module, issue, value)) continue
    report(issue, task, module, args, diagnostics)
  }
}

/** Whether an argument's own schema objects, not a rule over several. */
function isOwnRule(module: Module, { path }: Issue, value: Record<string, unknown>): boolean {
  const name = String(path[0])
  const own = parameters(module.params).get(name)
  return own !== undefined && !containsTemplate(value[name]) && !own.schema.safeParse(value[name]).success
}

/** As the module will see it: CEL is evaluated by the runner. */
function evaluated(module: Module, value: Record<string, unknown>): Record<string, unknown> {
  const out = { ...value }
  for (const [name, holds] of celParameters(module)) {
    if (out[name] === undefined) continue
    const texts = [out[name]].flat().map(String)
    if (holds === 'conditions') out[name] = texts.map((text) => ({ text, ok: true }))
    else if (typeof out[name] === 'string') out[name] = { text: texts[0], value: '' }
  }
  return out
}

function report(issue: Issue, task: Task, module: Module, args: WrittenArgs, diagnostics: Diagnostics): void {
  const known = parameters(module.params)
  const name = issue.path.join('.')
  const meta = known.get(String(issue.path[0]))?.meta
  if (issue.kind === 'unknown') {
    const key = String(issue.path.at(-1))
    const owner =
      issue.path.length > 1 ? `${issue.path.slice(0, -1).join('.')} of ${module.name}` : module.name
    diagnostics.add('argument', `${owner} has no argument ${key}`, {
      pos: args.locateKey(issue.path),
      hint: unknownHint(key, issue, module, [
        ...known.keys(),
        ...[...known.values()].flatMap((p) => p.meta?.aliases ?? []),
      ]),
    })
    return
  }
  if (issue.kind === 'missing') {
    const example = meta?.example === undefined ? undefined : ` (such as ${JSON.stringify(meta.example)})`
    diagnostics.add('argument', `${module.name} needs the argument ${name}`, {
      pos: issue.path.length > 1 ? args.locate(issue.path.slice(0, -1)) : task.modulePos,
      hint:
        meta && issue.path.length === 1 ? `add ${name}: ${meta.description}${example ?? ''}` : `add ${name}:`,
    })
    return
  }
  const written = issue.found !== undefined && issue.path.length > 0
  const secret = isSecret(module.params, issue.path)
  const subject = !written ? module.name : `${name} of ${module.name}`
  diagnostics.add('argument', `${subject}: ${secret ? issue.wanted : issue.message}`, {
    pos: written ? args.locate(issue.path) : task.modulePos,
    hint: secret ? undefined : issue.hint,
  })
}

/** A message about a secret must not repeat it. */
function isSecret(schema: z.ZodType, [first, ...rest]: Issue['path']): boolean {
  if (first === undefined) return false
  if (typeof first === 'number') return isSecret(elementOf(schema), rest)
  const found = parameters(schema).get(first)
  return found !== undefined && (found.meta?.secret === true || isSecret(found.schema, rest))
}

function unknownHint(key: string, issue: Issue, module: Module, names: string[]): string {
  const siblings = issue.path.length === 1 ? names : []
  const near = didYouMean(key, siblings)
  if (near) return near
  if (issue.path.length === 1 && TASK_KEYWORDS.includes(key))
    return `${key} is a keyword of the task: indent it like ${module.name}`
  if (siblings.length === 0) return 'remove it'
  return `its arguments are ${siblings.join(', ')}`
}
