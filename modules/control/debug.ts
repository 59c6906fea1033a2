import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { anything, integer, named, param } from '../../contract/params.ts'

const params = z
  .strictObject({
    msg: param(anything().optional(), 'What to show.', {
      example: 'all is well',
      unset: '`Hello world!`, or `var`',
    }),
    var: param(
      named(
        z.union([z.string().min(1), z.looseObject({ text: z.string(), value: z.unknown() })]),
        'expression',
      ).optional(),
      'A variable to show, or any expression, instead of `msg`.',
      { example: 'pg_version', holds: 'expression', unset: '`msg`' },
    ),
    verbosity: param(integer(0, 5).default(0), 'Show it only with at least as many `-v`.'),
  })
  .refine((value) => value.msg === undefined || value.var === undefined, {
    error: "one of 'msg' and 'var', not both",
    path: ['var'],
  })
type Params = z.infer<typeof params>

/** Shows a text or a variable. Ansible's `debug`. */
export const debugModule = defineModule<Params, null>({
  name: 'debug',
  summary: 'Show a text or the value of a variable',
  changesNothing: () => true,
  shownFrom: ({ verbosity }) => verbosity,
  params,
  freeForm: 'msg',
  inspect: async () => null,
  plan: () => ({ changes: [], steps: [] }),
  result({ params }) {
    if (typeof params.var === 'object') return { [params.var.text]: params.var.value, msg: params.var.value }
    return { msg: params.msg ?? 'Hello world!' }
  },
})
