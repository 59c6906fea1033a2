import { expect, it } from 'vitest'
import { SqlError } from '../../../contract/errors.ts'
import { lookAt } from '../../../runner/status/look/look.ts'
import { plannedCluster } from '../../support/facts.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'
import { GOOD } from './looks.ts'

const wanted = { version: '15', cluster: 'main', database: 'app' } as Parameters<typeof lookAt>[1]
const CLUSTER = { version: '15', name: 'main', port: 5432, running: true, serverVersion: 190_000 }
const row = { ...GOOD.vm4!, subscriptions: [], standby: { ...GOOD.vm4!.standby!, conninfo: 'host=vm3' } }
const look = (sql: FakeHostOptions['sql'], more: object = {}) =>
  lookAt(fakeHost({ facts: [plannedCluster({ ...CLUSTER, ...more })], sql }), wanted)

it('asks in the words of the oldest major where a server does not know those of its own', async () => {
  const undefinedColumn = new SqlError('column "sync_error_count" does not exist', '42703')
  const found = await look([
    ['pg_stat_subscription_stats', undefinedColumn],
    ['json_build_object', [{ look: row }]],
  ])
  expect(found).toMatchObject({ state: 'running', server: { version: '15.18', database: true } })
})

it('says why a cluster could not be asked', async () => {
  const refused = new SqlError('too many clients already', '53300')
  expect(await look([['', refused]])).toMatchObject({
    state: 'unreadable',
    why: 'cluster 15/main cannot be asked: too many clients already',
  })
  expect(await look([], { notReady: 'the database system is starting up' })).toMatchObject({
    state: 'starting',
    why: 'cluster 15/main accepts no queries: the database system is starting up',
  })
  expect(await look([], { running: false })).toMatchObject({ state: 'stopped' })
})

it('names the clusters that are there instead', async () => {
  const files = {
    '/etc/postgresql/14/main/postgresql.conf': '',
    '/etc/postgresql/16/other/postgresql.conf': '',
  }
  expect(await lookAt(fakeHost({ files }), wanted)).toEqual({
    state: 'absent',
    why: 'there is no cluster 15/main, but there is 14/main, 16/other',
  })
})
