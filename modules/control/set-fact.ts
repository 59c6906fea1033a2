import type * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { anything, mapping, param, text } from '../../contract/params.ts'

const params = param(
  mapping(
    text({
      expected: 'a variable name: letters, digits and _, not beginning with a digit',
      fits: /^[A-Za-z_][A-Za-z0-9_]*$/,
    }),
    anything(),
  ),
  'Variable names and their values.',
  { example: { wal_dir: '/srv/wal' } },
)
type Params = z.infer<typeof params>

/** Sets variables of the host for the rest of the run. Ansible's `set_fact`. */
export const setFactModule = defineModule<Params, null>({
  name: 'set_fact',
  summary: 'Set variables of the host for the rest of the run',
  changesNothing: () => true,
  setsVariables: true,
  params,
  inspect: async () => null,
  plan: () => ({ changes: [], steps: [] }),
  result: ({ params }) => ({ ansible_facts: params }),
})
