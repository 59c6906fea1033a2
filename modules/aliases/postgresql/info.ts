import * as z from 'zod'
import { SqlError } from '../../../contract/errors.ts'
import { defineModule } from '../../../contract/module.ts'
import { param, text } from '../../../contract/params.ts'
import { Unknown, unknown } from '../../../contract/unknown.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { requireServer, targetOf } from '../../../postgres/cluster/cluster.ts'
import { pgInfoModule } from '../../postgres/pg-info/index.ts'
import { ignored } from '../alias.ts'
import { clusterOf, definePostgresqlAlias, loginParams, names } from './login.ts'

/** What Ansible calls them, and what pg_info does. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  version: [],
  in_recovery: [],
  databases: ['databases'],
  roles: ['roles'],
  tablespaces: ['tablespaces'],
  repl_slots: ['replication'],
  replications: ['replication'],
}

/** `PostgreSQL 15.8 on x86_64…` in the shape of Ansible's. */
function versionOf(number: unknown): unknown {
  if (number instanceof Unknown || typeof number !== 'number') return number ?? unknown('no server runs')
  const [major, minor] = [Math.floor(number / 10_000), number % 10_000]
  return { major, minor, full: `${major}.${minor}`, raw: `PostgreSQL ${major}.${minor}` }
}

export const postgresqlInfoModule = definePostgresqlAlias({
  name: 'postgresql_info',
  summary:
    "Ansible's name for pg_info: version, databases, roles, tablespaces, slots, standbys; changes nothing",
  of: pgInfoModule,
  changesNothing: true,
  params: z.strictObject({
    ...loginParams,
    filter: param(
      names(
        text({
          expected: `${Object.keys(PARTS).join(', ')}; settings are read by pg_info: { settings: [NAME] }`,
          fits: (name) => Object.hasOwn(PARTS, name),
        }),
      ).default(Object.keys(PARTS)),
      `What to read: ${Object.keys(PARTS).join(', ')}.`,
      { example: ['version'] },
    ),
    login_db: ignored('what is read is of the whole cluster', 'db'),
  }),
  names: { gather: 'filter' },
  to: ({ filter }) => ({ gather: [...new Set(filter.flatMap((name) => PARTS[name]!))] }),
  result({ params: { filter }, own }) {
    const replication = own.replication as Record<string, unknown> | Unknown | undefined
    const part = (name: string) => (replication instanceof Unknown ? replication : replication?.[name])
    const all: Record<string, unknown> = {
      version: versionOf(own.server_version_num),
      in_recovery: own.in_recovery,
      databases: own.databases,
      roles: own.roles,
      tablespaces: own.tablespaces,
      repl_slots: part('slots'),
      replications: part('standbys'),
    }
    return Object.fromEntries(filter.map((name) => [name, all[name]]))
  },
})

const pingParams = z.strictObject({
  ...loginParams,
  login_db: param(identifier.default('postgres'), 'Database to connect to.', { aliases: ['db'] }),
})
type PingParams = z.infer<typeof pingParams>

/** What the server says of its version; or why it says nothing. */
type Answer = { number: unknown; raw: string } | { error: string }

/** As pg_isready of this house: whether it answers is what is asked. */
const ASKING = { answersWithin: 5 }

export const postgresqlPingModule = defineModule<PingParams, Answer>({
  name: 'postgresql_ping',
  summary: 'Tells whether a server answers, and its version; never fails for it, and changes nothing',
  changesNothing: () => true,
  group: 'postgresql',
  params: pingParams,
  async inspect(host, value): Promise<Answer> {
    try {
      const cluster = await requireServer(host, await clusterOf(host, value, ASKING), ASKING)
      if (cluster.fresh || cluster.copyOf)
        return { number: unknown('the cluster is only planned so far'), raw: '' }
      const [row] = await host.sql(
        { ...targetOf(cluster, value.login_db), ...ASKING },
        'select version() as raw',
      )
      return { number: cluster.serverVersion, raw: row!.raw }
    } catch (error) {
      if (error instanceof SqlError || (error as Error).name === 'Refusal')
        return { error: (error as Error).message }
      throw error
    }
  },
  plan: () => ({ changes: [], steps: [] }),
  result({ state }) {
    if ('error' in state) return { is_available: false, server_version: {}, conn_err_msg: state.error }
    const version = versionOf(state.number)
    const whole = version instanceof Unknown ? version : { ...(version as object), raw: state.raw }
    return { is_available: true, server_version: whole, conn_err_msg: '' }
  },
})
