import * as z from 'zod'
import { choice, list, param, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'

export const params = z.strictObject({
  ...clusterParams,
  db: identifier
    .default('postgres')
    .meta({ description: 'Database that is replicated.', aliases: ['database'] }),
  subscriptions: list(identifier)
    .default([])
    .meta({ description: 'Subscriptions that are made anew in the other cluster.', example: ['from_vm1'] }),
  replication: choice('managed', 'keep').default('managed').meta({
    description: '`keep`: nobody makes them anew, and each one stays behind.',
  }),
  slots: list(text())
    .default([])
    .meta({ description: 'Slots that are made anew there.', example: ['vm4'] }),
  standbys: list(
    z.strictObject({
      host: param(text(), 'Its name in the inventory.', { example: 'vm4' }),
      slot: param(text(), 'The slot that it streams through.', { example: 'vm4' }),
    }),
  )
    .default([])
    .meta({
      description: 'Its standbys, which are built anew, and their slots.',
      example: [{ host: 'vm4', slot: 'vm4' }],
    }),
  into: z
    .strictObject(clusterParams)
    .optional()
    .meta({
      unset: 'settings are not compared',
      description: 'The other cluster, on the same host: settings that it has otherwise stay behind, too.',
      example: { version: '17', cluster: 'main' },
    }),
  left_behind: choice('refuse', 'accept').default('refuse').meta({
    description: '`accept`: what stays behind is told as a warning, and is no reason to refuse.',
  }),
})
export type Params = z.output<typeof params>
