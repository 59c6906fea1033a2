import { defineFact, type FactGroup, type FactKey } from '../../contract/facts.ts'
import type { Cluster } from './cluster.ts'

export type ClusterId = Pick<Cluster, 'version' | 'name'>

type Parts = readonly string[]

/** A kind of facts of which each cluster has its own: `roleKey(cluster, 'app')`. */
export function defineClusterFact<T extends NonNullable<unknown> | null, P extends Parts = [name: string]>(
  kind: string,
): ((cluster: ClusterId, ...parts: P) => FactKey<T>) & { under(cluster: ClusterId): FactGroup<T> } {
  const fact = defineFact<T, [version: string, name: string, ...P]>(kind)
  const key = ({ version, name }: ClusterId, ...parts: P) => fact(version, name, ...parts)
  return Object.assign(key, { under: ({ version, name }: ClusterId) => fact.under(version, name) })
}

/** The same of each database: `schemaKey(cluster, 'postgres', 'app')`. */
export function defineDatabaseFact<T extends NonNullable<unknown> | null, P extends Parts = [name: string]>(
  kind: string,
): ((cluster: ClusterId, db: string, ...parts: P) => FactKey<T>) & {
  under(cluster: ClusterId, db: string, ...parts: Parts): FactGroup<T>
} {
  const fact = defineFact<T, [version: string, name: string, db: string, ...P]>(kind)
  const key = ({ version, name }: ClusterId, db: string, ...parts: P) => fact(version, name, db, ...parts)
  return Object.assign(key, {
    under: ({ version, name }: ClusterId, db: string, ...parts: Parts) =>
      fact.under(version, name, db, ...parts),
  })
}
