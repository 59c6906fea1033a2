import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { defineModule } from '../../contract/module.ts'
import { flag, named, param, text } from '../../contract/params.ts'

const condition = z.union([
  z.string().min(1),
  z.boolean(),
  z.looseObject({ text: z.string(), ok: z.boolean() }),
])

const params = z.strictObject({
  that: param(
    named(z.union([condition, z.array(condition)]), 'condition or list of conditions'),
    'Conditions, all of which must hold.',
    {
      holds: 'conditions',
      example: ['pg_version >= 15'],
    },
  ),
  fail_msg: param(text().optional(), 'What to say when one does not.', {
    aliases: ['msg'],
    unset: 'which condition does not hold',
  }),
  success_msg: param(text().optional(), 'What to say when all do.', { unset: '`All assertions passed`' }),
  quiet: param(flag().default(false), 'Say nothing when all do.'),
})
type Params = z.infer<typeof params>

/**
 * Fails where a condition does not hold. Ansible's `assert`. The conditions arrive evaluated, as `{ text, ok }`: a
 * module knows nothing of the language they are written in.
 */
export const assertModule = defineModule<Params, null>({
  name: 'assert',
  summary: 'Fail unless all conditions hold',
  changesNothing: () => true,
  params,
  inspect: async () => null,
  plan(_state, params) {
    const wrong = [params.that]
      .flat()
      .map(evaluated)
      .filter((one) => !one.ok)
    if (wrong.length === 0) return { changes: [], steps: [] }
    const which = wrong.map((one) => `does not hold: ${one.text}`)
    if (params.fail_msg !== undefined) throw new Refusal(params.fail_msg, undefined, which)
    throw new Refusal(`assertion failed: ${wrong[0]!.text}`, undefined, which)
  },
  result: ({ params }) => (params.quiet ? {} : { msg: params.success_msg ?? 'All assertions passed' }),
})

function evaluated(one: z.infer<typeof condition>): { text: string; ok: boolean } {
  if (typeof one === 'boolean') return { text: String(one), ok: one }
  if (typeof one === 'string')
    throw new Error(`the condition '${one}' reached the module without being evaluated`)
  return one
}
