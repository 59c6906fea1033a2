import * as z from 'zod'
import { anything, duration, list, mapping, named, nonEmpty, scalar, text } from '../../contract/params.ts'
import { identifier } from '../catalog/names.ts'
import { clusterParams } from '../cluster/meant.ts'
import { connectionParam } from '../subscription/connection.ts'

const sentinel = z.strictObject({
  name: text().optional().meta({ unset: 'its query', description: 'What messages call it.' }),
  db: identifier.optional().meta({ unset: '`db` of the task', description: 'Database to ask.' }),
  query: nonEmpty().meta({ description: 'A query that reads.' }),
  expect: named(
    z.union([scalar(), z.null(), z.array(mapping(text(), anything()))]),
    'text, number, true or false, or list of mapping',
  ).meta({
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
  subscriptions: list(identifier)
    .default([])
    .meta({
      description:
        'Must be enabled and run, each table ready, and their workers must live on after counted errors.',
      example: ['from_vm1'],
    }),
  publications: list(identifier)
    .default([])
    .meta({ description: 'Must be there.', example: ['test_pub'] }),
  slots: list(text())
    .default([])
    .meta({
      description: 'Must be streamed from, and hold all the WAL they need.',
      example: ['vm3_from_vm1'],
    }),
  standby: z
    .strictObject({
      upstream: connectionParam.meta({
        description: 'The server it must follow, as it reaches it.',
      }),
      slot: text().optional().meta({ unset: 'any', description: 'The slot there that it must stream from.' }),
    })
    .optional()
    .meta({
      unset: 'it need be none',
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
  rows: list(sentinel)
    .default([])
    .meta({
      description: 'Queries and what they must answer: rows that have to arrive.',
      example: [{ name: 'the row of vm1', query: 'select note from test where id = 1', expect: 'hello' }],
    }),
  timeout: duration().default(60).meta({ description: 'How long to wait for what is still on its way.' }),
})
export type VerificationParams = z.infer<typeof verificationParams>
