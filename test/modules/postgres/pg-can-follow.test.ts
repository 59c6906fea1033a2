import { describe, expect, it } from 'vitest'
import { pgCanFollowModule } from '../../../modules/postgres/pg-can-follow.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'
import { ETC, primary, running } from './clusters.ts'
import { planWith } from './fold-plan.ts'

const upstream = { host: 'vm4', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' }
const wish = { version: 15, upstream, allows: { max_connections: 150, max_wal_senders: 5 } }
const answering = async (psql: string | { code: number; stderr: string }, conf = 'max_connections = 150\n') =>
  ({
    ...(await running({ files: { [`${ETC}/conf.d/a.conf`]: conf } })),
    reads: { '/usr/lib/postgresql/15/bin/psql*': psql },
  }) as FakeHostOptions
const itself = `${primary.system_identifier}|1|0/178D4D8|\n||\n`
const why = async (host: FakeHostOptions, more = {}) =>
  planWith(pgCanFollowModule, host, { ...wish, ...more }).then(
    ({ plan }) => plan.notes ?? [],
    (error) => error.details,
  )

describe('pg_can_follow', () => {
  it('opens a replication connection, and compares what the two allow', async () => {
    expect(await why(await answering(itself))).toEqual([])
    expect(await why(await answering(itself, 'max_connections = 100\n'))).toEqual([
      'max_connections: 100 here, 150 on vm4:5432',
    ])
  })

  it('says with the words of the server why it is not let in', async () => {
    const stderr = `psql: error: connection to server at "vm4", port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection
password retrieved from file "/var/lib/postgresql/play.pgpass"`
    expect(await why(await answering({ code: 2, stderr }))).toEqual([
      'a replication connection to vm4:5432 as replicator: connection to server at "vm4", port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection',
    ])
  })

  it('tells another system, and goes on where that is said', async () => {
    const other = await answering('7999999999999999999|1|0/178D4D8|\n||\n')
    expect((await why(other)).join()).toMatch(
      /vm4:5432 is another system \(7999999999999999999\) than this server/,
    )
    const { plan, result } = await planWith(pgCanFollowModule, other, { ...wish, unproven: 'accept' })
    expect(plan.steps).toEqual([])
    expect(result).toEqual({ unproven: [expect.stringContaining('another system')] })
  })
})
