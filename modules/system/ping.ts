import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { param, text } from '../../contract/params.ts'

const params = z.strictObject({
  data: param(text().default('pong'), 'What to answer.'),
})
type Params = z.infer<typeof params>

/** Proves that the host can be logged in to and read. Ansible's `ping`; nothing to do with ICMP. */
export const pingModule = defineModule<Params, null>({
  name: 'ping',
  summary: 'Prove that the host answers',
  changesNothing: () => true,
  params,
  async inspect(host) {
    await host.now()
    return null
  },
  plan: () => ({ changes: [], steps: [] }),
  result: ({ params }) => ({ ping: params.data }),
})
