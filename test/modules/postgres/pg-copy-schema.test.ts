import { describe, expect, it } from 'vitest'
import { type Prediction, predict } from '../../../contract/facts.ts'
import { differences } from '../../../modules/postgres/pg-copy-schema/compare.ts'
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
const database = (name: string) => ({ name, owner: 'shop', allow_connections: true }) as Database

interface Held {
  /** Of the server, and of its database app; `fresh`: of a cluster that is only planned. */
  globals?: string[]
  tables: string[]
  fresh?: true
  /** app is not there. */
  bare?: true
  encoding?: string
}
const OLD: Held = { globals: ['role shop'], tables: ['a', 'b'] }

/** Plans on a host with both clusters, whose new one holds this. */
async function planned(held: Held, { args = UP, more = [] as readonly Prediction[], files = {} } = {}) {
  const host = fakeHost({
    files,
    facts: [
      plannedCluster(cluster('15', 5432)),
      plannedCluster(cluster('16', 5433, held.fresh ? { fresh: true } : {})),
      ...['15', '16'].flatMap((version) =>
        ['app', 'postgres', 'template1'].map((name) => {
          const there = version === '15' || name !== 'app' || !held.bare
          return predict(databaseKey({ version, name: 'main' }, name), there ? database(name) : null)
        }),
      ),
      ...more,
    ],
  })
  host.sql = async (on, text) => {
    const { globals = [], tables, encoding = 'UTF8' } = on.version === '15' ? OLD : held
    if (text.includes('as objects')) return [{ objects: on.db === 'app' ? tables.length : 0 }]
    if (text.includes('fixed'))
      return [
        ...globals.map((what) => ({ what, value: 'as it is' })),
        ...(text.includes("'app'")
          ? [{ what: 'encoding of database app', value: encoding, fixed: true }]
          : []),
      ]
    if (text.includes('e.extname')) return on.db === 'app' ? [{ name: 'postgis', version: '3.3' }] : []
    if (text.includes('spcname as name')) return [{ name: 'fast', quoted: 'fast', location: '/srv/fast' }]
    if (text.includes('pg_auth_members')) return [{ line: null }]
    return on.db === 'app' ? tables.map((name) => ({ what: `table public.${name}`, value: 'r' })) : []
  }
  const params = pgCopySchemaModule.params.parse(args)
  return pgCopySchemaModule.plan(await pgCopySchemaModule.inspect(host, params), params)
}
const POSTGIS = { '/usr/share/postgresql/16/extension/postgis.control': '' }
const NEW: Held = { tables: [], bare: true }

describe('pg_copy_schema', () => {
  it('copies all that stands on the databases and is in them, with the programs of the newer version', async () => {
    const plan = await planned({ ...NEW, fresh: true }, { files: POSTGIS })
    expect(plan.changes).toEqual([
      { path: 'schema of database app in cluster 16/main', before: null, after: 'as in 15/main: 2 tables' },
    ])
    const [step] = plan.steps as any[]
    const words: string[] = step.argv.slice(4)
    expect(words.slice(0, 7)).toEqual([
      '/usr/lib/postgresql/16/bin',
      '/var/run/postgresql',
      '5432',
      '/var/run/postgresql',
      '5433',
      'postgres',
      'schema',
    ])
    // Where the last one is there, the copy is complete.
    expect([words[8], words[11]]).toEqual(['template1', 'app'])
    expect(step).toMatchObject({ as: 'postgres' })
    expect(plan.notes).toEqual([
      'extensions of database app get the version that their packages bring: postgis 3.3 now',
    ])
  })

  it('has nothing to do afterwards, in a check and where both are the same', async () => {
    const plan = await planned(NEW, { files: POSTGIS })
    const nothing = { changes: [], steps: [] }
    expect(await planned(NEW, { more: plan.predicts ?? [] })).toEqual(nothing)
    expect(await planned(OLD)).toEqual(nothing)
  })

  it('refuses what was changed in one of both since, and names it', async () => {
    const changed = { globals: ['role shop', 'role late'], tables: ['a'] }
    await expect(planned(changed)).rejects.toThrow(
      'cluster 16/main differs from 15/main (database "app" and what stands around it): role late is not in the other one; database app: table public.b is missing',
    )
  })

  it('refuses before the copy what the host or the cluster has no room for', async () => {
    await expect(planned(NEW)).rejects.toThrow('has no extension postgis for PostgreSQL 16')
    const files = { ...POSTGIS, '/srv/fast/PG_16_202307071/1/2': '' }
    await expect(planned(NEW, { files })).rejects.toThrow('cannot have the tablespaces of 15/main')
    const latin = { globals: OLD.globals!, tables: [], encoding: 'LATIN1' }
    await expect(planned(latin, { files: POSTGIS })).rejects.toMatchObject({
      details: ['encoding of database app: LATIN1 here, UTF8 there'],
    })
  })

  it('refuses an older server as the target', async () => {
    const backwards = { version: 15, from: { version: 16 }, db: 'app' }
    await expect(planned(NEW, { args: backwards as any })).rejects.toThrow('not copied into 15')
  })

  it('says what differs without its value, which may be a secret', () => {
    const one = [{ what: 'role app', value: 'one' }]
    expect(differences(one, [{ what: 'role app', value: 'two' }])).toEqual(['role app is another one'])
  })
})
