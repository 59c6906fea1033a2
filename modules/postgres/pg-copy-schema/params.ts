import * as z from 'zod'
import { list } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { defineDatabaseFact } from '../../../postgres/cluster/facts.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'

export const params = z.strictObject({
  ...clusterParams,
  from: z.strictObject(clusterParams).meta({
    description: 'The cluster of the same host to copy from.',
    example: { version: '15', cluster: 'main' },
  }),
  db: identifier.default('postgres').meta({
    description: 'The database. Where it is not there it is made as it is in the other cluster.',
    example: 'app',
    aliases: ['database'],
  }),
  without_publications: list(identifier)
    .default([])
    .meta({
      description: 'Publications that are not copied, and may be in one of both.',
      example: ['play_upgrade'],
    }),
})
export type Params = z.infer<typeof params>

/** An earlier task of this check copies the schema of the other cluster's database of that name. */
export const copiedKey = defineDatabaseFact<true, []>('copied-schema')
