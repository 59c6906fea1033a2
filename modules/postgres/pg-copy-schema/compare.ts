import type { HostReader } from '../../../contract/host.ts'
import { majorOf } from '../../../postgres/catalog/version.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { globalsQuery } from './globals-query.ts'
import { objectsQuery } from './objects-query.ts'

export interface Thing {
  what: string
  value: string
  /** A database keeps it for life. */
  fixed?: boolean
}

/** What two clusters are compared by. */
export interface Wanted {
  databases: readonly string[]
  /** Publications that do not count. */
  without: readonly string[]
  /** Major version of the older of them. */
  major: number
}

export const majorOfBoth = (source: Cluster, target: Cluster): number =>
  Math.min(majorOf(source), majorOf(target))

/** What all databases of a cluster share, and what stands on these. */
export const readGlobals = async (host: HostReader, cluster: Cluster, wanted: Wanted): Promise<Thing[]> =>
  (await host.sql(targetOf(cluster), globalsQuery(wanted.databases, wanted.major))) as unknown as Thing[]

/** What these databases hold apart from rows. */
export async function readObjects(host: HostReader, cluster: Cluster, wanted: Wanted): Promise<Thing[]> {
  const text = objectsQuery(wanted.major, wanted.without)
  const found = await Promise.all(
    wanted.databases.map(async (db) => {
      const rows = (await host.sql(targetOf(cluster, db), text)) as unknown as Thing[]
      return rows.map(({ what, value }) => ({ what: `database ${db}: ${what}`, value }))
    }),
  )
  return found.flat()
}

/** In words, without the values, which may be secrets: `role app is missing`. Sorted by kind, as it is read. */
export function differences(source: readonly Thing[], target: readonly Thing[]): string[] {
  const [has, wanted] = [target, source].map(
    (things) => new Map(things.map(({ what, value }) => [what, value])),
  )
  return [
    ...[...wanted!].flatMap(([what, value]) => {
      const found = has!.get(what)
      return found === undefined ? [`${what} is missing`] : found === value ? [] : [`${what} is another one`]
    }),
    ...[...has!.keys()].filter((what) => !wanted!.has(what)).map((what) => `${what} is not in the other one`),
  ]
}
