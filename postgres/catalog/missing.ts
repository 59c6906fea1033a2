import type { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { UnknownError } from '../../contract/unknown.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { defineClusterFact, defineDatabaseFact } from '../cluster/facts.ts'

/**
 * Key under which an `sql` task of this check says that it planned statements in a database, of whatever effect; and
 * `pg_extension`, whose scripts make nobody knows what.
 */
export const touchedKey = defineDatabaseFact<true, []>('touched')
/** The same for what all databases share: roles, databases, slots. */
export const touchedClusterKey = defineClusterFact<true, []>('touched-cluster')

/**
 * What to throw where an object that a task needs is not there: the refusal, unless an earlier `sql` task of this check
 * may be the one that makes it.
 * @param db null for what all databases share
 */
export function missing(host: HostReader, cluster: Cluster, db: string | null, refusal: Refusal): Error {
  const key = db === null ? touchedClusterKey(cluster) : touchedKey(cluster, db)
  return host.predicted(key)
    ? new UnknownError(`${refusal.message}; an earlier sql or pg_extension task may make it`)
    : refusal
}
