import * as z from 'zod'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { flag, list, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { readCluster } from '../../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { HOST } from '../../../postgres/subscription/naming.ts'
import { readPresent } from './inspect.ts'
import { leftovers } from './tell.ts'

const params = z.strictObject({
  ...clusterParams,
  db: identifier
    .default('postgres')
    .meta({ description: 'Database that is replicated.', aliases: ['database'] }),
  hosts: list(text()).meta({
    description: 'The hosts of the inventory: slots are named after them, as by the helper `slot_name`.',
    example: '{{ groups.all }}',
  }),
  subscribes_to: list(text())
    .default([])
    .meta({ description: 'The hosts that this one subscribes to, by `subscription_names`.' }),
  subscription_names: text()
    .refine((rule) => rule.split(HOST).length === 2, `holds ${HOST} once, for the name of a host`)
    .optional()
    .meta({
      description:
        'How subscriptions are named after the host that they subscribe to, which HOST stands for.',
      example: 'from_HOST',
      unset: 'they tell nothing of a host',
    }),
  subscriptions: list(identifier)
    .default([])
    .meta({ description: 'Subscriptions of its own that are named otherwise.', example: ['orders'] }),
  slots: list(text())
    .default([])
    .meta({ description: 'Slots that are needed here and are named otherwise.', example: ['reporting'] }),
  publication: identifier.meta({ description: 'Name of its own publication.', example: 'test_pub' }),
  publishes: flag().meta({ description: 'Whether the inventory says what it publishes.' }),
})
type Params = z.infer<typeof params>

interface State {
  /** In words, each with what to type. */
  found: string[]
}

/** Tells what a host that was taken out of the inventory has left behind. Changes nothing, and never fails for it. */
export const pgLeftoversModule = defineModule<Params, State>({
  name: 'pg_leftovers',
  summary:
    'Notes slots, subscriptions and publications that belong to no host of the inventory; changes nothing',
  changesNothing: () => true,
  params,
  async inspect(host: HostReader, given): Promise<State> {
    const cluster = await readCluster(host, given)
    const isThere =
      cluster?.running && !cluster.notReady && !cluster.fresh && !cluster.peek && !cluster.copyOf
    // What earlier tasks of this check will have taken away cannot be told from what stays.
    if (!isThere || host.planned()) return { found: [] }
    const present = await readPresent(host, cluster, given.db)
    return { found: present ? leftovers(present, { ...given, host: host.name }) : [] }
  },
  plan: ({ found }) => ({ changes: [], steps: [], notes: found }),
  result: ({ state }) => ({ found: state.found }),
})
