import * as z from 'zod'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { anything, nonEmpty, port, text } from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { newClusterParams } from '../../../postgres/cluster/meant.ts'
import { type Identity, identity, readIdentity } from './inspect.ts'
import { refuseSame, refuseTwins } from './judge.ts'

const params = z.strictObject({
  ...newClusterParams,
  address: nonEmpty().meta({
    description: 'How other hosts reach its server: a name or an address.',
    example: '{{ default ansible_host inventory_hostname }}',
  }),
  port: port()
    .optional()
    .meta({ unset: 'that of its cluster', description: 'The port of its server, under that address.' }),
  inventory: text().default('').meta({
    description:
      'The hosts of the inventory, one a line, each with its address and, where it matters, its port. Refused where another one has this address and port, or one that is this machine’s own.',
    example: 'vm1 10.15.0.11 5432',
  }),
  others: z
    .array(z.union([z.array(anything()), anything()]))
    .default([])
    .meta({
      description:
        'What this module registered of other hosts, or lists of that. Refused where one of them is the same server, or a second primary of the same system identifier.',
      example: ['{{ extract ansible_play_hosts hostvars "identity" }}'],
    }),
})
type Params = z.infer<typeof params>

/** Reads which machine and which server a host is. Changes nothing. */
export const pgIdentityModule = defineModule<Params, Identity>({
  name: 'pg_identity',
  reads: [{ program: 'getent', first: ['ahosts'] }],
  summary: 'Reads which machine and server a host is, and refuses two hosts that are one; changes nothing',
  changesNothing: () => true,
  params,
  inspect: (host: HostReader, given) => readIdentity(host, given),
  plan(here, { address, port: ownPort, inventory, others }): Plan {
    const known = others.flat().flatMap((one) => identity.safeParse(one).data ?? [])
    const lines = inventory.split('\n').map((line) => line.trim().split(/\s+/))
    const hosts = lines.flatMap(([host, at, on]) =>
      host && at ? [{ host, address: at, ...(on ? { port: Number(on) } : {}) }] : [],
    )
    refuseSame(here, { address, port: ownPort }, known, hosts)
    refuseTwins(here, known)
    return { changes: [], steps: [] }
  },
  result: ({ state }) => ({ ...state }),
})
