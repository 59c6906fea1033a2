import { describe, expect, it } from 'vitest'
import { type Prediction, predict } from '../../../contract/facts.ts'
import { pgCopySchemaModule } from '../../../modules/postgres/pg-copy-schema/index.ts'
import { type Database, databaseKey } from '../../../postgres/cluster/cluster.ts'
import { plannedCluster } from '../../support/facts.ts'
import { fakeHost } from '../../support/fake-host.ts'

const cluster = (version: string, port: number, more = {}) => ({
  version,
  name: 'main',
  port,
  dataDir: `/var/lib/postgresql/${version}/main`,
  configDir: `/etc/postgresql/${version}/main`,
  socketDir: '/var/run/postgresql',
  running: true,
  recovery: false,
  serverVersion: Number(version) * 10_000,
  ...more,
})
const UP = { version: 16, from: { version: 15 }, db: 'app' }

/** Plans on a host with both clusters, whose new one holds these tables. */
async function planned(present: string[] | 'fresh', args: object = UP, more: readonly Prediction[] = []) {
  const fresh = present === 'fresh'
  const database = { name: 'app', owner: 'postgres' } as Database
  const host = fakeHost({
    facts: [
      plannedCluster(cluster('15', 5432)),
      plannedCluster(cluster('16', 5433, { fresh })),
      predict(databaseKey({ version: '15', name: 'main' }, 'app'), database),
      predict(databaseKey({ version: '16', name: 'main' }, 'app'), { ...database, fresh }),
      ...more,
    ],
  })
  const tables: Record<string, string[]> = { '15': ['a', 'b'], '16': fresh ? [] : present }
  host.sql = async (on, text) =>
    text.includes('as objects')
      ? [{ objects: tables[on.version]!.length }]
      : tables[on.version]!.map((name) => ({ schema: 'public', name }))
  const params = pgCopySchemaModule.params.parse(args)
  return pgCopySchemaModule.plan(await pgCopySchemaModule.inspect(host, params), params)
}

describe('pg_copy_schema', () => {
  it('copies into an empty database, with the programs of the newer version', async () => {
    const plan = await planned('fresh')
    expect(plan.changes).toEqual([
      { path: 'schema of database app in cluster 16/main', before: null, after: 'as in 15/main: 2 tables' },
    ])
    const [step] = plan.steps as any[]
    expect(step.argv.slice(4)).toEqual([
      '/usr/lib/postgresql/16/bin',
      '/var/run/postgresql',
      '5432',
      '/var/run/postgresql',
      '5433',
      'app',
    ])
    expect(step).toMatchObject({ as: 'postgres' })
  })

  it('has nothing to do afterwards, in a check and where all tables are there', async () => {
    const plan = await planned('fresh')
    expect(await planned('fresh', UP, plan.predicts)).toEqual({ changes: [], steps: [] })
    expect((await planned(['a', 'b', 'c'])).changes).toEqual([])
  })

  it('refuses a database that holds something else, and names what it lacks', async () => {
    await expect(planned(['a'])).rejects.toThrow(
      'database "app" of cluster 16/main is not empty, and lacks tables that 15/main has: public.b',
    )
  })

  it('refuses an older server as the target', async () => {
    const backwards = { version: 15, from: { version: 16 }, db: 'app' }
    await expect(planned('fresh', backwards)).rejects.toThrow('not copied into 15')
  })
})
