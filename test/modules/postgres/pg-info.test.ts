import { expect, it } from 'vitest'
import { Unknown } from '../../../contract/unknown.ts'
import { pgInfoModule } from '../../../modules/postgres/pg-info/index.ts'
import { plannedCluster } from '../../support/facts.ts'
import { DATA, ETC, running, stopped } from './clusters.ts'
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

it('pg_info tells what a standby needs to be as its primary: what the files set, and who may log in', async () => {
  const host = await running({
    files: {
      [`${ETC}/conf.d/a.conf`]: "work_mem = 13MB\nport = 5433\nssl_cert_file = '/x'\ncluster_name = 'here'\n",
      [`${ETC}/pg_hba.conf`]: `local all postgres peer
host "replication",all app,+readers 10.0.0.0/8 scram-sha-256
host all all 10.1.0.0 255.255.0.0 ldap ldapserver=a.example
host all all 10.1.0.0/16 md5 # never tried
`,
    },
  })
  const { result } = await planWith(pgInfoModule, host, { version: 15, gather: ['configured', 'rules'] })
  expect(result).toMatchObject({ configured: { work_mem: '13MB' } })
  for (const own of ['port', 'ssl_cert_file', 'cluster_name', 'data_directory', 'hba_file'])
    expect(Object.keys(result?.configured as object)).not.toContain(own)
  expect(result?.rules).toEqual([
    { type: 'local', database: ['all'], user: ['postgres'], method: 'peer' },
    {
      type: 'host',
      database: ['"replication"', 'all'],
      user: ['app', '+readers'],
      address: '10.0.0.0/8',
      method: 'scram-sha-256',
    },
    {
      type: 'host',
      database: ['all'],
      user: ['all'],
      address: '10.1.0.0 255.255.0.0',
      method: 'ldap',
      options: { ldapserver: 'a.example' },
    },
  ])
})
