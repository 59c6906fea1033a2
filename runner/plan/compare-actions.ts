import type { Action, Asked, Placed } from './actions.ts'
import type { Digest, Digester } from './digest.ts'
import { grouped, headOf, identity } from './identity.ts'
import type { PlannedAction } from './plan-file.ts'

/** @param told keys of tasks of which is said already what they would change now */
export async function compareActions(
  planned: readonly PlannedAction[],
  now: readonly Action[],
  digester: Digester,
  told: ReadonlySet<string>,
): Promise<string[]> {
  const [before, after] = [grouped(planned), grouped(now)]
  const lines: string[] = []
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key) ?? [], after.get(key) ?? []]
    for (let index = 0; index < Math.max(was.length, is.length); index += 1)
      lines.push(...(await compareAction(was[index], is[index], digester, told.has(key))))
  }
  return lines.length > 0 || told.size > 0 ? lines : compareOrder(planned, now)
}

async function compareAction(
  was: PlannedAction | undefined,
  is: Action | undefined,
  digester: Digester,
  told: boolean,
): Promise<string[]> {
  const head = headOf((was ?? is)!)
  if (!was || !is) return told ? [] : [`${head}: ${was ? 'planned, and not done any more' : 'not planned'}`]
  const same = (one: string | undefined, other: Digest | undefined) => digester.isWritten(one, other)
  const found = await differing(was, is, same)
  if (found.length === 0 && !told && !(await same(was.effect, is.effect)))
    found.push('what it writes, runs or finds is not what was planned')
  return found.map((line) => `${head}: ${line}`)
}

/** Where, as whom and by which words two actions are not the same. */
export async function differing(
  was: PlannedAction,
  is: Asked,
  same: (one: string | undefined, other: Digest | undefined) => Promise<boolean>,
): Promise<string[]> {
  const lines = elsewhere(was, is)
  for (const [part, what] of PARTS)
    for (const name of new Set([...Object.keys(was[part]), ...Object.keys(is[part])])) {
      const [one, other] = [ownOf(was[part], name), ownOf(is[part], name)]
      if (await same(one, other)) continue
      const how = other === undefined ? 'missing now' : one === undefined ? 'new' : 'another one now'
      lines.push(`${what} ${name} is ${how}`)
    }
  return lines
}

export const elsewhere = (was: Placed, is: Placed): string[] =>
  SAID.flatMap(([name, what]) =>
    was[name] === is[name] ? [] : [`planned ${what(was[name])}, and now ${what(is[name])}`],
  )

/** A variable may be called `constructor`. */
const ownOf = <D>(all: Readonly<Record<string, D>>, name: string): D | undefined =>
  Object.hasOwn(all, name) ? all[name] : undefined

const PARTS = [
  ['arguments', 'its argument'],
  ['environment', 'the variable of its environment'],
  ['keywords', 'its keyword'],
] as const

const SAID = [
  ['module', (name?: string) => `with ${name}`],
  ['at', (place?: string) => `on ${place}`],
  ['login', (user?: string) => `by a login of ${user}`],
  ['user', (user?: string) => `as ${user}`],
  ['become_method', (method = 'sudo') => `by ${method}`],
] as const

/** The same things, but one of a host comes before another that it came behind. */
function compareOrder(planned: readonly PlannedAction[], now: readonly Action[]): string[] {
  return [...new Set(planned.map(({ host }) => host))].flatMap((host) => {
    const [was, is] = [planned, now].map((all) => all.filter((one) => one.host === host))
    const at = was!.findIndex((one, index) => identity(one) !== identity(is![index]!))
    return at < 0 ? [] : [`${headOf(was![at]!)}: planned before ${is![at]!.task}, and now behind it`]
  })
}
