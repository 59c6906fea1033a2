import type { Pos } from '../../errors.ts'
import { languageOf } from '../language.ts'
import type { Located } from '../types.ts'
import { isMapping, within } from '../yaml.ts'
import { mayBeModule, unknownInTask } from './check-keywords.ts'
import type { Context, KnownModule } from './context.ts'
import { type Fields, isTemplate } from './fields.ts'
import { unqualified } from './keywords.ts'

/** The module that a task runs, with its arguments as they are written. */
export interface Invocation {
  module: KnownModule
  pos: Pos
  args: Located
  /** `local_action`. */
  here: boolean
  /** It stands for a module that is not there. */
  absent?: true
}

/** The one key that names a module, or what `action` and `local_action` name. */
export function readInvocation(
  fields: Fields,
  context: Context,
  known: readonly string[],
): Invocation | undefined {
  const others = fields.keys().filter((key) => !known.includes(key))
  const modules = others.filter((key) => context.modules.has(unqualified(key)))
  const actions = ACTIONS.filter((key) => fields.has(key))
  let told = false
  for (const key of others) {
    if (modules.includes(key)) continue
    const absent =
      modules.length === 0 && actions.length === 0 ? absentModule(fields, key, known, context) : undefined
    if (absent) return absent
    const taken = unknownInTask(fields, key, known, context, modules[0])
    told ||= taken
  }
  const [first, ...more] = [...modules, ...actions]
  for (const second of more) {
    context.diagnostics.add('playbook', `a task runs one module, but this one names ${first} and ${second}`, {
      pos: fields.keyPos(second),
      hint: `make ${second} a task of its own, with "- " before it`,
    })
  }
  if (first === undefined && !told && others.length === 0) {
    context.diagnostics.add('playbook', 'this task names no module', {
      pos: fields.at.locate(),
      hint: 'add a line with a module and its arguments, such as command: uptime',
    })
  }
  if (first === undefined) return undefined
  if (isAction(first)) return readAction(fields, first, context)
  const module = context.modules.get(unqualified(first))!
  return { module, pos: fields.keyPos(first), args: within(fields.at, first), here: false }
}

const ACTIONS = ['action', 'local_action'] as const
type Action = (typeof ACTIONS)[number]
const isAction = (key: string): key is Action => (ACTIONS as readonly string[]).includes(key)

/** `action: copy src=a dest=b`, or a mapping whose `module` names it. */
function readAction(fields: Fields, key: Action, context: Context): Invocation | undefined {
  const at = within(fields.at, key)
  const here = key === 'local_action'
  const text = isMapping(at.value) ? at.value.module : at.value
  const pos = isMapping(at.value) ? at.locate(['module']) : at.locate()
  const [, word, rest] = (typeof text === 'string' && /^\s*(\S+)\s*([\s\S]*)/.exec(text)) || []
  if (word === undefined)
    return fields.wrong(key, 'the name of a module and its arguments', `write ${key}: command uptime`)
  if (isTemplate(word))
    return void context.diagnostics.add(
      'playbook',
      `${key} names a module with {{ }}: it is known only when it is reached`,
      {
        pos,
        hint: 'write a task for each of the modules, with a condition',
      },
    )
  const module = context.modules.get(unqualified(word))
  if (!module) {
    unknownInTask(fields, word, [], context, undefined, pos)
    return undefined
  }
  if (!isMapping(at.value)) return { module, pos, args: { ...at, value: rest || undefined }, here }
  const { module: _, ...args } = at.value
  // `module: copy src=a` beside other arguments: the words are no more than what stands in a line.
  if (rest) return { module, pos, args: { ...within(at, 'module'), value: rest }, here }
  return { module, pos, args: { ...at, value: args }, here }
}

/** In a file of Jinja, behind a condition or an include: what is not there is told where it is reached. */
export const mayBeSkipped = (fields: Fields, context: Context): boolean =>
  (context.conditional === true || fields.has('when')) && languageOf(context.file) === 'jinja'

/**
 * In a file of Jinja a module that is not there, where it may not be reached: a warning now, and a failure where it is. One whose
 * name is nearly that of another is a mistake.
 */
function absentModule(
  fields: Fields,
  key: string,
  known: readonly string[],
  context: Context,
): Invocation | undefined {
  if (!mayBeSkipped(fields, context) || !mayBeModule(key, fields.raw(key), known, context)) return undefined
  const pos = fields.keyPos(key)
  const msg = `there is no module ${key} here`
  context.diagnostics.warnings.push({ message: `${msg}: the task fails where it is reached`, pos })
  return {
    module: context.modules.get('fail')!,
    pos,
    args: { value: { msg }, locate: () => pos, locateKey: () => pos },
    here: false,
    absent: true,
  }
}
