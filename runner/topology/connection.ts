import { ipVersion } from '../../contract/ip.ts'
import type { FleetOfClusters } from './fleet-of-clusters.ts'
import type { Connection, WantedView } from './wanted-view.ts'

/** Where a server has the password that it logs in to others with. */
export const PASSFILE = '/var/lib/postgresql/play.pgpass'
/** Of the certificates that play makes. */
export const FOLDER = '/etc/postgresql-common/tls'
const ROOT_CERT = `${FOLDER}/root.crt`

/**
 * How others log in to a server. A certificate that nobody vouches for is no proof of with whom one speaks; the password is
 * never sent in clear (scram-sha-256).
 */
export function connectionTo(host: string, fleet: FleetOfClusters): Connection {
  const { pg_port, pg_replication_user, pg_replicated_database, pg_tls } = fleet.variables.get(host)!
  return {
    host: fleet.address(host),
    ...(pg_port === 5432 ? {} : { port: pg_port }),
    ...(pg_replicated_database === 'postgres' ? {} : { dbname: pg_replicated_database }),
    user: pg_replication_user,
    passfile: PASSFILE,
    ...(pg_tls === 'keep' ? TRUSTING : VERIFYING),
  }
}

/** How the TLS of a connection is, by the pg_tls of the server that it leads to. */
export const TRUSTING = { sslmode: 'prefer' }
export const VERIFYING = { sslmode: 'verify-full', sslrootcert: ROOT_CERT }

export function hostEntry(host: string, { address, reached }: FleetOfClusters): WantedView['host_entry'] {
  const known = [address(host), reached(host)]
  const ip = known.find((one) => ipVersion(one) !== 0)
  const names = [...new Set([host, ...known])].filter((one) => ipVersion(one) === 0)
  return ip === undefined || names.length === 0 ? null : { address: ip, names }
}
