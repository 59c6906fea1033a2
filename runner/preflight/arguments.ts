import type { Module, ParamMeta } from '../../contract/module.ts'
import { celParameters, parameters } from '../../contract/parse-params.ts'
import type { Diagnostics, Pos } from '../errors.ts'
import { hintOf, type Issue, issuesOf, isWritten, messageOf } from '../load/issues.ts'
import { didYouMean } from '../load/nearest.ts'
import { TASK_KEYWORDS } from '../load/playbook/keywords.ts'
import { containsTemplate } from '../load/template.ts'
import type { Task } from '../load/types.ts'
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
  const issues = issuesOf(parsed.error.issues, value)
  const isLater = (issue: Issue) => task.mayBeSkipped === true && isOfAnsible(issue, module)
  const someLater = issues.some(isLater)
  for (const issue of issues) {
    if (issue.kind !== 'unknown' && containsTemplate(issue.found)) continue
    if ((task.moreArgs || someLater) && (issue.kind === 'missing' || issue.kind === 'rule')) continue
    // A rule over several arguments cannot be judged while one of them is not known.
    if (issue.kind === 'rule' && templated && !isOwnRule(module, issue, value)) continue
    if (isLater(issue)) {
      const message = `${messageOf(issue, module)}: the task fails where it is reached`
      diagnostics.warnings.push({ message, pos: args.locateKey(issue.path) })
      continue
    }
    report(issue, task, module, args, diagnostics)
  }
}

/** An argument that Ansible may have, and that is not taken here; one whose name is nearly that of another is a mistake. */
function isOfAnsible({ kind, path }: Issue, module: Module): boolean {
  if (path.length !== 1) return false
  const name = String(path[0])
  const known = parameters(module.params)
  if (kind !== 'unknown') return known.get(name)?.meta?.takes === 'nothing'
  return !TASK_KEYWORDS.includes(name) && didYouMean(name, namesOf(module)) === undefined
}

const namesOf = (module: Module): string[] => {
  const known = parameters(module.params)
  return [...known.keys(), ...[...known.values()].flatMap((p) => p.meta?.aliases ?? [])]
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
  diagnostics.add('argument', messageOf(issue, module), placed(issue, task, module, args))
}

function placed(issue: Issue, task: Task, module: Module, args: WrittenArgs): { pos: Pos; hint?: string } {
  const known = parameters(module.params)
  const { kind, path } = issue
  if (kind === 'unknown') {
    const hint = unknownHint(String(path.at(-1)), issue, module, namesOf(module))
    return { pos: args.locateKey(path), hint }
  }
  if (kind === 'missing') {
    const nested = path.length > 1
    return {
      pos: nested ? args.locate(path.slice(0, -1)) : task.modulePos,
      hint: missingHint(path.join('.'), nested ? undefined : known.get(String(path[0]))?.meta),
    }
  }
  return { pos: isWritten(issue) ? args.locate(path) : task.modulePos, hint: hintOf(issue, module) }
}

function missingHint(name: string, meta: ParamMeta | undefined): string {
  const example = meta?.example === undefined ? '' : ` (such as ${JSON.stringify(meta.example)})`
  return meta ? `add ${name}: ${meta.description}${example}` : `add ${name}:`
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
