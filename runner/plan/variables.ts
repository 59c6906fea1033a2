import { PlayError } from '../errors.ts'
import type { Vars } from '../load/types.ts'
import { Digester } from './digest.ts'
import type { PlanFile } from './plan-file.ts'

/** -e, without what they hold: any of them may be a secret. */
export async function writtenVariables(extraVars: Vars, digester: Digester): Promise<PlanFile['extra_vars']> {
  const all = Object.entries(extraVars).map(
    async ([name, value]) => [name, await digester.written({ ...digester.of(value), secret: true })] as const,
  )
  return Object.fromEntries((await Promise.all(all)).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** @throws {PlayError} code 'usage' where -e says something else than it said for the plan */
export async function requireSameVariables(plan: PlanFile, extraVars: Vars): Promise<void> {
  const given = await writtenVariables(extraVars, new Digester((text) => text, plan.key))
  const details = [
    ...Object.keys(plan.extra_vars).flatMap((name) =>
      name in given
        ? plan.extra_vars[name] === given[name]
          ? []
          : [`another value than in the plan: -e ${name}=…`]
        : [`missing: -e ${name}=…`],
    ),
    ...Object.keys(given).flatMap((name) => (name in plan.extra_vars ? [] : [`not in the plan: ${name}`])),
  ]
  if (details.length === 0) return
  throw new PlayError('usage', 'the plan was made with other -e variables', {
    hint: 'Give the same ones: a plan keeps their names, never their values.',
    details,
  })
}
