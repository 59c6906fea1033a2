import * as z from 'zod'
import { identifier } from '../catalog/names.ts'
import { clusterParams } from '../cluster/cluster.ts'
import { connectionParam } from '../subscription/connection.ts'

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

const sentinel = z.strictObject({
  name: z.string().optional().meta({ description: 'What messages call it.' }),
  db: identifier.optional().meta({ description: 'Database; `db` of the task when left out.' }),
  query: z.string().min(1).meta({ description: 'A query that reads.' }),
  expect: z.union([scalar, z.array(z.record(z.string(), z.any()))]).meta({
    description: 'Its one value, or its rows as mappings, in any order; [] for no row.',
  }),
})
export type Sentinel = z.infer<typeof sentinel>

export const verificationParams = z.strictObject({
  ...clusterParams,
  db: identifier.default('postgres').meta({
    description: 'Database of the subscriptions and publications.',
    example: 'app',
    aliases: ['database'],
  }),
  subscriptions: z
    .array(identifier)
    .default([])
    .meta({
      description:
        'Must be enabled and run, each table ready, and their workers must live on after counted errors.',
      example: ['from_vm1'],
    }),
  publications: z
    .array(identifier)
    .default([])
    .meta({ description: 'Must be there.', example: ['test_pub'] }),
  slots: z
    .array(z.string())
    .default([])
    .meta({
      description: 'Must be streamed from, and hold all the WAL they need.',
      example: ['vm3_from_vm1'],
    }),
  standby: z
    .strictObject({
      upstream: connectionParam.meta({ description: 'The server it must follow, as it reaches it.' }),
      slot: z.string().optional().meta({ description: 'The slot there that it must stream from.' }),
    })
    .optional()
    .meta({
      description:
        'This must be a standby that streams from there, and it must replay all that the upstream had written when the task began.',
      example: {
        upstream: {
          host: '10.15.0.13',
          user: 'replicator',
          passfile: '/var/lib/postgresql/.pgpass',
        },
        slot: 'vm4',
      },
    }),
  rows: z
    .array(sentinel)
    .default([])
    .meta({
      description: 'Queries and what they must answer: rows that have to arrive.',
      example: [{ name: 'the row of vm1', query: 'select note from test where id = 1', expect: 'hello' }],
    }),
  // Also in digits, as -e gives it.
  timeout: z
    .union([
      z.number().min(0),
      z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .transform(Number),
    ])
    .default(60)
    .meta({ description: 'Seconds to wait for what is still on its way.' }),
})
export type VerificationParams = z.infer<typeof verificationParams>
