import { expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { requireLibraries } from '../../../postgres/conf/libraries.ts'
import { fakeHost } from '../../support/fake-host.ts'

const cluster = { version: '15', name: 'main' } as Cluster
const files = { '/usr/lib/postgresql/15/lib/pg_stat_statements.so': 'x', '/opt/own.so': 'x' }
const ask = (value: unknown, planned: string[] = [], name = 'shared_preload_libraries') =>
  requireLibraries(fakeHost({ files, facts: [predict(plannedPackagesKey(), planned)] }), cluster, {
    [name]: value,
  })

it('a library to preload that is not there is refused, with its package', async () => {
  await expect(ask('pg_stat_statements,pg_cron')).rejects.toMatchObject({
    message: expect.stringMatching(/no library pg_cron: cluster 15\/main would not start again/),
    hint: expect.stringContaining('postgresql-15-cron'),
  })
  await expect(ask('nobody_knows', [], 'Session_Preload_Libraries')).rejects.toThrow(/nobody_knows/)
})

it.each([
  ['pg_stat_statements'],
  ['"pg_stat_statements", $libdir/pg_stat_statements'],
  ['/opt/own.so, /opt/own'],
  [''],
  [null],
])('%j is taken', async (value) => {
  await expect(ask(value)).resolves.toBeUndefined()
})

it('one that a planned package brings is taken', async () => {
  await expect(ask('pg_cron', ['postgresql-15-cron'])).resolves.toBeUndefined()
  await expect(ask('pg_cron', ['postgresql-15'])).rejects.toThrow(/pg_cron/)
})
