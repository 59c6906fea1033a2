import { expect, it } from 'vitest'
import { Unknown } from '../../../contract/unknown.ts'
import { pgInfoModule } from '../../../modules/postgres/pg-info/index.ts'
import { plannedCluster } from '../../support/facts.ts'
import { DATA, ETC, stopped } from './clusters.ts'
import { planWith } from './fold-plan.ts'

it('pg_info says of a stopped cluster where it is, and that it does not run', async () => {
  const { result } = await planWith(pgInfoModule, stopped(), { version: 15 })
  expect(result).toEqual({
    version: '15',
    cluster: 'main',
    port: 5432,
    data_directory: DATA,
    config_directory: ETC,
    socket_directory: '/var/run/postgresql',
    running: false,
  })
})

it('pg_info knows what a cluster holds that is only planned, and not its sizes and identity', async () => {
  const host = { facts: [plannedCluster({ recovery: false, fresh: true, serverVersion: 150000 })] }
  const { result } = await planWith(pgInfoModule, host, { version: 15, settings: ['work_mem'] })
  const later = expect.any(Unknown)
  expect(result).toMatchObject({
    server_version: later,
    system_identifier: later,
    settings: { work_mem: later },
    databases: { postgres: { owner: 'postgres', size: later }, template0: {}, template1: {} },
    roles: { postgres: { superuser: true } },
    replication: later,
  })
})
