import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { defineModule } from '../../contract/module.ts'
import { param, text } from '../../contract/params.ts'

const params = z.strictObject({
  msg: param(text().default('Failed as requested from task'), 'Why.', {
    example: 'vm4 needs 10 GB free',
  }),
})
type Params = z.infer<typeof params>

/** Fails with a message. Ansible's `fail`. */
export const failModule = defineModule<Params, null>({
  name: 'fail',
  summary: 'Fail with a message',
  changesNothing: () => true,
  params,
  freeForm: 'msg',
  inspect: async () => null,
  plan(_state, params) {
    throw new Refusal(params.msg)
  },
})
