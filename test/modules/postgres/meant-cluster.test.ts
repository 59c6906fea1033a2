import { expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import { pgDatabaseModule as module } from '../../../modules/postgres/pg-database/index.ts'
import { clusterAt } from '../../../postgres/cluster/at.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

const conf = (id: string, port: number) => ({
  [`/etc/postgresql/${id}/postgresql.conf`]: `data_directory = '/var/lib/postgresql/${id}'\nport = ${port}\n`,
})
const ONE = conf('15/prod', 5433)
const TWO = { ...ONE, ...conf('17/prod', 5434) }
const probe = (id: string): NonNullable<FakeHostOptions['sql']>[number] => [
  'pg_control_system',
  [{ data_directory: `/var/lib/postgresql/${id}`, recovery: false, server_version: 150018, timeline: 1 }],
]
const planOf = async (options: FakeHostOptions, args: object = {}) => {
  const given = module.params.parse({ name: 'app', ...args })
  return module.plan(await module.inspect(fakeHost({ name: 'db1', ...options }), given), given)
}
const noDatabase: NonNullable<FakeHostOptions['sql']>[number] = [/from pg_database/, []]

it('the only cluster of a host need not be named', async () => {
  const { steps } = await planOf({
    files: ONE,
    sql: [
      probe('15/prod'),
      [/datname = \$1/, [{ name: 'template1', encoding: 'UTF8', collate: 'C', ctype: 'C' }]],
    ],
  })
  expect(steps).toEqual([])
})

it('one that an earlier task of the check makes is the only one too', async () => {
  const { steps } = await planOf({ facts: [predict(clusterKey('15', 'main'), { planned: 'package' })] })
  expect(steps).toMatchObject([{ on: { version: '15', cluster: 'main', port: 5432 } }])
})

it('one that an earlier task drops no longer counts', async () => {
  const plan = planOf({
    files: TWO,
    facts: [predict(clusterKey('17', 'prod'), null)],
    sql: [probe('15/prod'), noDatabase],
  })
  await expect(plan).rejects.toThrow(/no database "template1" in cluster 15\/prod/)
})

it('of several none is guessed', async () => {
  await expect(planOf({ files: TWO })).rejects.toThrow('db1 has several clusters: 15/prod, 17/prod')
  await expect(planOf({ files: TWO }, { cluster: 'prod' })).rejects.toThrow(
    'db1 has several clusters called prod: 15/prod, 17/prod',
  )
})

it('a name alone, and a version alone, say enough where only one fits', async () => {
  const other = { ...ONE, ...conf('15/main', 5432) }
  const noTemplate = (args: object) => planOf({ files: other, sql: [probe('15/x'), noDatabase] }, args)
  await expect(noTemplate({ cluster: 'prod' })).rejects.toThrow(/cluster 15\/prod on db1 is not running/)
  await expect(noTemplate({ version: 15 })).rejects.toThrow(/cluster 15\/main on db1 is not running/)
})

it('without any, the refusal says so', async () => {
  await expect(planOf({})).rejects.toThrow('there is no cluster on db1')
})

it('a port and a folder of sockets name a cluster', async () => {
  const host = fakeHost({ name: 'db1', files: TWO, sql: [probe('15/x')] })
  expect(await clusterAt(host, 5434, undefined)).toEqual({ version: '17', cluster: 'prod' })
  expect(await clusterAt(host, 5433, '/run/postgresql/')).toEqual({ version: '15', cluster: 'prod' })
  await expect(clusterAt(host, undefined, '/var/run/postgresql')).rejects.toThrow(
    'db1 has several clusters: 15/prod (port 5433, /var/run/postgresql), 17/prod (port 5434, /var/run/postgresql)',
  )
  await expect(clusterAt(host, 5432, undefined)).rejects.toThrow('there is no cluster on db1 with port 5432')
})
