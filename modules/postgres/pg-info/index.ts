import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, list, text } from '../../../contract/params.ts'
import { unknown } from '../../../contract/unknown.ts'
import { touchedClusterKey } from '../../../postgres/catalog/missing.ts'
import { readRoles } from '../../../postgres/catalog/role.ts'
import { listTablespaces } from '../../../postgres/catalog/tablespace.ts'
import { type Cluster, readDatabases, requireCluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { suggestion } from '../../../postgres/conf/check.ts'
import { redact } from '../../../postgres/conf/redact.ts'
import { readSettings } from '../../../postgres/settings/catalogue.ts'
import { humanize } from '../../../postgres/settings/value.ts'
import { configured } from './configured.ts'
import { readReplication } from './replication.ts'
import { mapsOf, rulesOf } from './rules.ts'

/** Those of the files can be read whether the server runs or not. */
const PARTS = ['databases', 'roles', 'tablespaces', 'configured', 'rules', 'maps', 'replication'] as const

const params = z.strictObject({
  ...clusterParams,
  gather: list(choice(...PARTS))
    .default(['databases', 'roles', 'replication'])
    .meta({
      description:
        'What to read besides the version and where the cluster is. configured: what its files set, but for what is of this server alone, such as its port. rules: those of its pg_hba.conf, as pg_hba takes them. maps: the lines of its pg_ident.conf, as pg_ident takes them.',
      example: ['databases'],
      aliases: ['filter'],
    }),
  settings: list(text())
    .default([])
    .meta({
      description: 'Settings whose running values to read, as SHOW prints them.',
      example: ['shared_buffers', 'wal_level'],
    }),
})
type Params = z.infer<typeof params>

/** The fields of the result. */
type State = Record<string, unknown>

/**
 * Facts of a cluster, for conditions and templates: `register: pg`, then `pg.databases.app.size`. Changes nothing; runs
 * on standbys and on stopped clusters too. In a check the planned changes are part of it.
 */
export const pgInfoModule = defineModule<Params, State>({
  name: 'pg_info',
  summary: 'Reads a cluster’s version, settings, databases, roles and replication state',
  changesNothing: () => true,
  params,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requireCluster(host, params)
    const running = cluster.running && !cluster.notReady
    const base = {
      version: cluster.version,
      cluster: cluster.name,
      port: cluster.port,
      data_directory: cluster.dataDir,
      config_directory: cluster.configDir,
      socket_directory: cluster.socketDir,
      running,
    }
    const files = {
      ...(params.gather.includes('configured') && { configured: await configured(host, cluster) }),
      ...(params.gather.includes('rules') && { rules: await rulesOf(host, cluster) }),
      ...(params.gather.includes('maps') && { maps: await mapsOf(host, cluster) }),
    }
    if (!running) return { ...base, ...files }
    const wants = (part: (typeof PARTS)[number]) => params.gather.includes(part)
    const [settings, databases, roles, tablespaces, replication] = await Promise.all([
      settingsOf(host, cluster, params.settings),
      wants('databases') ? databasesOf(host, cluster) : undefined,
      wants('roles') ? rolesOf(host, cluster) : undefined,
      wants('tablespaces') ? tablespacesOf(host, cluster) : undefined,
      wants('replication') ? replicationOf(host, cluster) : undefined,
    ])
    return {
      ...base,
      ...files,
      ...versionsOf(cluster),
      in_recovery: cluster.recovery ?? false,
      settings,
      ...(databases && { databases }),
      ...(roles && { roles }),
      ...(tablespaces && { tablespaces }),
      ...(replication && { replication }),
    }
  },
  plan: () => ({ changes: [], steps: [] }),
  result: ({ state }) => state,
})

function versionsOf({ fresh, copyOf, serverVersion, systemIdentifier }: Cluster) {
  if (fresh || copyOf || serverVersion === undefined) {
    const later = unknown('the cluster is only planned so far')
    return { server_version: later, server_version_num: later, system_identifier: later }
  }
  return {
    server_version: `${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`,
    server_version_num: serverVersion,
    system_identifier: systemIdentifier,
  }
}

/** @throws {Refusal} for a name that the server does not know */
async function settingsOf(host: HostReader, cluster: Cluster, names: readonly string[]) {
  if (names.length === 0) return {}
  const known = (await readSettings(host, cluster))?.settings
  const wanted = names.map((name) => {
    const setting = known?.[name.toLowerCase()]
    if (known && !setting)
      throw new Refusal(`there is no setting "${name}"${suggestion(name.toLowerCase(), known)}`)
    return { name, setting }
  })
  const ofSessions = wanted.filter(({ setting }) => setting && setting.setting === undefined)
  const shown =
    ofSessions.length > 0
      ? await host.sql({ ...targetOf(cluster), words: 'bare' }, SHOW, [ofSessions.map(({ name }) => name)])
      : []
  const values = new Map(shown.map(({ name, value }) => [name as string, value as string]))
  return Object.fromEntries(
    wanted.map(({ name, setting }) => {
      if (!setting) return [name, unknown('the cluster is only planned so far')]
      return [name, redact(values.get(name) ?? humanize(setting, setting.setting ?? ''))]
    }),
  )
}

/** As a session gets them that sets nothing itself. */
const SHOW = `select name, pg_catalog.current_setting(name) as value
  from pg_catalog.unnest($1::pg_catalog.text[]) as name`

async function databasesOf(host: HostReader, cluster: Cluster) {
  const why = unknowable(host, cluster)
  if (why) return why
  const [databases, sizes] = await Promise.all([readDatabases(host, cluster), sizesOf(host, cluster)])
  return Object.fromEntries(
    [...databases].map(([name, { owner, encoding, collate, ctype, connection_limit, fresh }]) => [
      name,
      {
        owner,
        encoding,
        collate,
        ctype,
        connection_limit,
        size: fresh ? unknown('the database is only planned so far') : sizes.get(name),
      },
    ]),
  )
}

/** In bytes. */
async function sizesOf(host: HostReader, cluster: Cluster): Promise<Map<string, number>> {
  if (cluster.fresh) return new Map()
  const text = 'select datname as name, pg_database_size(oid) as size from pg_database'
  return new Map((await host.sql(targetOf(cluster), text)).map(({ name, size }) => [name, size]))
}

async function rolesOf(host: HostReader, cluster: Cluster) {
  const why = unknowable(host, cluster)
  if (why) return why
  return Object.fromEntries(
    [...(await readRoles(host, cluster))].map(([key, { name: _, password, member_of, ...attributes }]) => [
      key,
      {
        ...attributes,
        has_password: password !== null,
        member_of: [...new Set(member_of.map(({ role }) => role))],
      },
    ]),
  )
}

async function tablespacesOf(host: HostReader, cluster: Cluster) {
  if (cluster.fresh) return []
  return unknowable(host, cluster) ?? listTablespaces(host, cluster)
}

async function replicationOf(host: HostReader, cluster: Cluster) {
  // What other hosts will do decides it too.
  if (cluster.fresh || cluster.copyOf || host.planned('any'))
    return unknown('what earlier tasks will have done')
  return readReplication(host, cluster)
}

/** Why what all databases share cannot be told. */
function unknowable(host: HostReader, cluster: Cluster) {
  if (cluster.copyOf) return unknown('the cluster is only planned so far')
  return host.predicted(touchedClusterKey(cluster))
    ? unknown('what an earlier sql task will have made')
    : null
}
