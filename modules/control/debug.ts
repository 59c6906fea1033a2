import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { integer, param } from '../../contract/params.ts'

const params = z
  .strictObject({
    msg: param(z.unknown().optional(), 'What to show.', { example: 'all is well' }),
    var: param(z.string().min(1).optional(), 'The name of a variable to show, instead of `msg`.', {
      example: 'pg_version',
    }),
    value: param(z.unknown().optional(), 'What `var` stands for; play fills it in.'),
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
  params,
  freeForm: 'msg',
  inspect: async () => null,
  plan: () => ({ changes: [], steps: [] }),
  result({ params }) {
    if (params.var !== undefined) return { [params.var]: params.value, msg: params.value }
    return { msg: params.msg ?? 'Hello world!' }
  },
})
