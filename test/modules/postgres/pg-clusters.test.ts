import { expect, it } from 'vitest'
import { pgClusterModule } from '../../../modules/postgres/pg-cluster/index.ts'
import { pgClustersModule } from '../../../modules/postgres/pg-clusters.ts'
import { files } from './clusters.ts'
import { foldPlan, planWith } from './fold-plan.ts'

const found = async (options: Parameters<typeof planWith>[1]) =>
  (await planWith(pgClustersModule, options, {})).result!.clusters

it('names the clusters that have a configuration, and nothing that only looks like one', async () => {
  const others = {
    '/etc/postgresql/14/old/postgresql.conf': '',
    '/etc/postgresql/14/half/start.conf': 'auto\n',
    '/etc/postgresql/.play-15-x/15/x/postgresql.conf': '',
  }
  expect(await found({ files: { ...files(), ...others } })).toEqual(['14/old', '15/main'])
  expect(await found({ files: {} })).toEqual([])
})

it('knows of those that earlier tasks of a check plan', async () => {
  const bare = { files: { '/usr/lib/postgresql/15/bin/postgres': '' } }
  const args = { version: 15, cluster: 'next', state: 'present' }
  expect(await found(foldPlan(bare, (await planWith(pgClusterModule, bare, args)).plan))).toEqual(['15/next'])
})
