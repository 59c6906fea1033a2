import * as z from 'zod'
import type { HostReader } from '../../../contract/host.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { contentsQuery, DATABASES, POSITION, TABLES } from '../../../postgres/contents-query.ts'

const table = z.object({ rows: z.string(), checksum: z.string().nullable() })

/** What a server holds: for each database, by `schema.table`, how many rows and their checksum. */
export const contents = z.object({
  system_identifier: z.string(),
  lsn: z.string(),
  databases: z.record(z.string(), z.record(z.string(), table)),
})
export type Contents = z.infer<typeof contents>

interface Wanted {
  /** All that take connections, where none are said. */
  databases?: readonly string[] | undefined
  /** Materialized views too. */
  views: boolean
  checksums: boolean
}

export async function readContents(host: HostReader, cluster: Cluster, wanted: Wanted): Promise<Contents> {
  const [[position], all] = await Promise.all([
    host.sql(targetOf(cluster), POSITION),
    wanted.databases ??
      host.sql(targetOf(cluster), DATABASES).then((rows) => rows.map(({ name }) => String(name))),
  ])
  const found = await Promise.all(
    all.map(async (db) => [db, await readDatabase(host, cluster, db, wanted)] as const),
  )
  return {
    system_identifier: String(position!.system_identifier),
    lsn: String(position!.lsn),
    databases: Object.fromEntries(found),
  }
}

async function readDatabase(host: HostReader, cluster: Cluster, db: string, { views, checksums }: Wanted) {
  const on = targetOf(cluster, db)
  const found = (await host.sql(on, TABLES)) as { schema: string; name: string; kind: string }[]
  const tables = views ? found : found.filter(({ kind }) => kind === 'r')
  if (tables.length === 0) return {}
  const rows = await host.sql(on, contentsQuery(tables, checksums))
  return Object.fromEntries(
    rows.map((row) => [
      `${row.schema}.${row.name}`,
      { rows: String(row.rows), checksum: row.checksum as string | null },
    ]),
  )
}
