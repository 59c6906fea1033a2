import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { listClusters } from '../../postgres/cluster/list.ts'

const params = z.strictObject({})
type Params = z.infer<typeof params>

export const pgClustersModule = defineModule<Params, string[]>({
  name: 'pg_clusters',
  summary: 'Tells which clusters a host has (`clusters`: 15/main, …); changes nothing',
  changesNothing: () => true,
  params,
  inspect: (host) => listClusters(host),
  plan: () => ({ changes: [], steps: [] }),
  result: ({ state }) => ({ clusters: state }),
})
