import { quote } from '../../support/play.ts'

/** A state that hosts are brought into by hand. */
export interface Drift {
  name: string
  apply: readonly Act[]
  /** Takes back what a run leaves alone, or helps a run that refuses; done after the real run. */
  undo?: readonly Act[]
  /** Why no check can foresee all that the run meets here: its misses are shown, and not counted. */
  beyond?: string
}

/** A command line for root's shell on a host. */
export type Act = readonly [host: string, text: string]

export const ETC = '/etc/postgresql/15/main'
export const DATA = '/var/lib/postgresql/15/main'
export const PASSFILE = '/var/lib/postgresql/play.pgpass'

/** Statements, each in a transaction of its own. */
export const sql = (host: string, ...statements: string[]): Act => [
  host,
  `cd / && runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 ${statements.map((text) => `-c ${quote(text)}`).join(' ')}`,
]

/** What is waited for is a query that answers true. */
export const until = (host: string, query: string): Act => {
  const psql = `runuser -u postgres -- psql -XAtqc ${quote(query)}`
  return [host, `cd /; for i in $(seq 100); do [ "$(${psql})" = t ] && exit 0; sleep 0.1; done; exit 1`]
}

export const reload = (host: string): Act => sql(host, 'select pg_reload_conf()')
export const restart = (host: string): Act => [host, 'systemctl restart postgresql@15-main']
export const stop = (host: string): Act => [host, 'systemctl stop postgresql@15-main']
export const start = (host: string): Act => [host, 'systemctl start postgresql@15-main']

/** A folder or file under the data directory's parent, made as the cluster's owner. */
export const asPostgres = (host: string, text: string): Act => [
  host,
  `cd / && runuser -u postgres -- sh -c ${quote(text)}`,
]

/** Takes the standby away whole, so that the next run builds it anew. */
export const dropStandby: Act = ['vm4', 'pg_dropcluster --stop 15 main; rm -rf /etc/postgresql/15/main']
