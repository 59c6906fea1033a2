import { nearest, nearestWithDistance } from '../nearest.ts'
import { isMapping } from '../yaml.ts'
import { isAnsibles } from './ansible-modules.ts'
import type { Context } from './context.ts'
import type { Fields } from './fields.ts'
import { insteadOf, renamedModule, rightPlaceOf, unqualified } from './keywords.ts'

/** Every key must be one of `known`. `what` is what they stand in: a play, a block, include_tasks. */
export function checkKeywords(
  fields: Fields,
  known: readonly string[],
  what: string,
  context?: Context,
): void {
  for (const key of fields.keys()) {
    if (known.includes(key)) continue
    if (context?.modules.has(unqualified(key)) && !insteadOf(key)) moduleIn(fields, key, what)
    else unknownKeyword(fields, key, known, what)
  }
}

/** Also for a task, whose keys may be modules as well. */
export function unknownKeyword(
  fields: Fields,
  key: string,
  known: readonly string[],
  what: string,
  owner = 'what it belongs to',
): void {
  const pos = fields.keyPos(key)
  const hint = insteadOf(key) ?? rightPlaceOf(key)
  if (hint) {
    fields.diagnostics.add('playbook', `${key} has no place in ${what}`, { pos, hint })
    return
  }
  const near = nearest(key, known)
  fields.diagnostics.add('playbook', `unknown keyword ${key} in ${what}`, {
    pos,
    hint: near ? `did you mean ${near}?` : `remove it, or indent it under ${owner}`,
  })
}

/**
 * A key of a task that is neither keyword nor module: whichever it looks more like. Says whether it was taken for a module.
 * @param own the module that the task names besides
 */
export function unknownInTask(
  fields: Fields,
  key: string,
  known: readonly string[],
  context: Context,
  own: string | undefined,
  pos = fields.keyPos(key),
): boolean {
  const bare = unqualified(key)
  const keyword = nearestWithDistance(key, known)
  const module = isAnsibles(key) ? undefined : nearestWithDistance(bare, context.modules.keys())
  const renamed = renamedModule(key)
  const isKeyword =
    !isModuleOnly(key, fields.raw(key)) &&
    (insteadOf(key) !== undefined ||
      rightPlaceOf(key) !== undefined ||
      (keyword !== undefined && keyword.distance <= (module?.distance ?? Number.POSITIVE_INFINITY)))
  if ((isKeyword && !renamed) || (own !== undefined && !module && !renamed)) {
    unknownKeyword(fields, key, known, 'a task', own && `${own} if it is one of its arguments`)
    return false
  }
  const meant = renamed && context.modules.has(renamed) ? renamed : module?.word
  fields.diagnostics.add('module', `unknown module ${key}`, {
    pos,
    hint: meant ? `did you mean ${meant}?` : listedOnce(fields.diagnostics, context),
  })
  return true
}

/** What no keyword has: a collection in front, or arguments under it. */
const isModuleOnly = (key: string, value: unknown): boolean =>
  !key.startsWith('with_') &&
  (key.includes('.') ||
    (isMapping(value) && !['args', 'vars', 'environment', 'module_defaults', 'loop_control'].includes(key)))

/** Whether a key looks like the module of somebody else, and like nothing that is known. */
export const mayBeModule = (
  key: string,
  value: unknown,
  known: readonly string[],
  { modules }: Context,
): boolean =>
  (isModuleOnly(key, value) ||
    (insteadOf(key) === undefined &&
      rightPlaceOf(key) === undefined &&
      nearestWithDistance(key, known) === undefined)) &&
  (isAnsibles(key) || nearestWithDistance(unqualified(key), modules.keys()) === undefined)

const listed = new WeakSet<object>()

/** All modules, with the first that is unknown: behind each they would hide the rest. */
function listedOnce(diagnostics: Fields['diagnostics'], { modules }: Context): string | undefined {
  if (listed.has(diagnostics)) return undefined
  listed.add(diagnostics)
  return `the modules are ${[...modules.keys()].sort().join(', ')}`
}

function moduleIn(fields: Fields, key: string, what: string): void {
  fields.diagnostics.add('playbook', `the module ${key} cannot stand in ${what}`, {
    pos: fields.keyPos(key),
    hint:
      what === 'a play' ? 'put it in a task under tasks:' : 'make it a task of its own, with "- " before it',
  })
}
