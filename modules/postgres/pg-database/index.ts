import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { quoteIdent, quoteLiteral } from '../../../contract/quote.ts'
import { type Acl, builtinAcl, reown } from '../../../postgres/catalog/acl.ts'
import { touchedKey } from '../../../postgres/catalog/missing.ts'
import { requireRole } from '../../../postgres/catalog/role.ts'
import { majorOf, sinceVersion } from '../../../postgres/catalog/version.ts'
import {
  type Cluster,
  type Database,
  databaseKey,
  readDatabase,
  requireDatabase,
  requirePrimary,
  targetOf,
} from '../../../postgres/cluster/cluster.ts'
import { refuseFixed } from './fixed.ts'
import { type Params, params } from './params.ts'
import { refuseWhileUsed } from './usage.ts'

interface State {
  cluster: Cluster
  database: Database | null
  /** What a new one is copied from. */
  template?: Database
}

export const pgDatabaseModule = defineModule<Params, State>({
  name: 'pg_database',
  summary: 'Creates, changes and drops databases',
  params,
  async inspect(host: HostReader, params: Params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    refuseNewer(cluster, params)
    const database = await readDatabase(host, cluster, params.name)
    if (params.state === 'absent') {
      if (database && params.name === 'postgres')
        throw new Refusal(
          'the database postgres is the one from which play works on the server, and is not dropped',
          'drop what is in it instead',
        )
      if (database && !database.fresh) await refuseWhileUsed(host, cluster, database, params.force)
      return { cluster, database }
    }
    if (params.owner !== undefined && params.owner !== database?.owner)
      await requireRole(host, cluster, params.owner)
    if (database) return { cluster, database }
    return { cluster, database, template: await requireDatabase(host, cluster, templateOf(params)) }
  },
  plan(state, params) {
    if (params.state === 'absent') return drop(state, params)
    return state.database ? alter(state.database, state, params) : create(state, params)
  },
})

const titleOf = ({ name }: Params): string => `database ${name}`

/** @param alone a database in which nobody may be meanwhile: the sessions of this run end before */
const sql = (cluster: Cluster, params: Params, text: string, alone?: string): Step => ({
  do: 'sql',
  title: titleOf(params),
  on: targetOf(cluster),
  text,
  alone,
})

function drop({ cluster, database }: State, params: Params): Plan {
  if (!database) return { changes: [], steps: [] }
  return {
    changes: [{ path: titleOf(params), before: 'present', after: null, destructive: true }],
    // FORCE, because this run itself may still hold a session there; `inspect` has refused others'.
    steps: [sql(cluster, params, `DROP DATABASE ${quoteIdent(params.name)} WITH (FORCE)`)],
    predicts: [predict(databaseKey(cluster, params.name), null)],
  }
}

function create({ cluster, template }: State, params: Params): Plan {
  const after = {
    owner: params.owner ?? 'postgres',
    encoding: params.encoding ?? template!.encoding,
    collate: params.lc_collate ?? params.locale ?? template!.collate,
    ctype: params.lc_ctype ?? params.locale ?? template!.ctype,
    ...providerOf(cluster, template!, params),
    connection_limit: params.connection_limit ?? -1,
    allow_connections: params.allow_connections ?? true,
    is_template: params.is_template ?? false,
  }
  const acl = builtinAcl('database', after.owner, majorOf(cluster))
  const predicted: Database = { name: params.name, ...after, ...acl, fresh: true }
  return {
    changes: [{ path: titleOf(params), before: null, after: described(after) }],
    steps: [sql(cluster, params, creation(params), template!.name)],
    predicts: [
      predict(databaseKey(cluster, params.name), predicted),
      // A copy holds what its template holds, which is not known here.
      ...(/^template[01]$/.test(template!.name) ? [] : [predict(touchedKey(cluster, params.name), true)]),
    ],
  }
}

/** What every new database is like need not be said. */
function described({ provider, provider_locale, allow_connections, is_template, ...others }: NewDatabase) {
  return {
    ...others,
    ...(provider === 'libc' ? {} : { provider, provider_locale }),
    ...(allow_connections ? {} : { allow_connections }),
    ...(is_template ? { is_template } : {}),
  }
}
type NewDatabase = Omit<Database, 'name' | keyof Acl | 'fresh'> & { owner: string }

/** Locale provider and its locale of a new database (CREATE DATABASE). */
function providerOf(cluster: Cluster, template: Database, params: Params) {
  const provider = params.locale_provider ?? template.provider
  if (provider === 'libc') return { provider, provider_locale: null }
  const own = provider === 'icu' ? params.icu_locale : params.builtin_locale
  // From 16 on `locale` is the provider's too.
  const shared = majorOf(cluster) >= 16 ? params.locale : undefined
  const inherited = template.provider === provider ? template.provider_locale : null
  return { provider, provider_locale: own ?? shared ?? inherited }
}

/** @throws {Refusal} where an option is newer than the server */
function refuseNewer(cluster: Cluster, params: Params): void {
  const { locale_provider: provider, icu_locale, builtin_locale } = params
  sinceVersion(cluster, 15, 'locale_provider', provider !== undefined || icu_locale !== undefined)
  sinceVersion(
    cluster,
    17,
    'the builtin locale provider',
    provider === 'builtin' || builtin_locale !== undefined,
  )
}

function creation(params: Params): string {
  const options = [
    params.owner !== undefined && `OWNER ${quoteIdent(params.owner)}`,
    `TEMPLATE ${quoteIdent(templateOf(params))}`,
    params.encoding !== undefined && `ENCODING ${quoteLiteral(params.encoding)}`,
    params.locale !== undefined && `LOCALE ${quoteLiteral(params.locale)}`,
    params.lc_collate !== undefined && `LC_COLLATE ${quoteLiteral(params.lc_collate)}`,
    params.lc_ctype !== undefined && `LC_CTYPE ${quoteLiteral(params.lc_ctype)}`,
    params.locale_provider !== undefined && `LOCALE_PROVIDER ${params.locale_provider}`,
    params.icu_locale !== undefined && `ICU_LOCALE ${quoteLiteral(params.icu_locale)}`,
    params.builtin_locale !== undefined && `BUILTIN_LOCALE ${quoteLiteral(params.builtin_locale)}`,
    params.connection_limit !== undefined && `CONNECTION LIMIT ${params.connection_limit}`,
    params.allow_connections !== undefined && `ALLOW_CONNECTIONS ${params.allow_connections}`,
    params.is_template !== undefined && `IS_TEMPLATE ${params.is_template}`,
  ]
  return ['CREATE DATABASE', quoteIdent(params.name), ...options.filter((option) => option !== false)].join(
    ' ',
  )
}

/** Only template0 may be copied with another encoding or locale (CREATE DATABASE). */
function templateOf({ template, encoding, locale, lc_collate, lc_ctype, ...params }: Params): string {
  if (template !== undefined) return template
  const special =
    encoding ??
    locale ??
    lc_collate ??
    lc_ctype ??
    params.locale_provider ??
    params.icu_locale ??
    params.builtin_locale
  return special === undefined ? 'template1' : 'template0'
}

function alter(now: Database, { cluster }: State, params: Params): Plan {
  refuseFixed(now, params)
  let after = { ...now }
  const changes: Change[] = []
  const steps: Step[] = []
  const change = (field: string, before: unknown, wanted: unknown, clause: string): void => {
    changes.push({ path: `${titleOf(params)} ${field}`, before, after: wanted })
    steps.push(sql(cluster, params, `ALTER DATABASE ${quoteIdent(params.name)} ${clause}`))
  }
  const { owner, connection_limit: limit } = params
  if (owner !== undefined && owner !== now.owner) {
    change('owner', now.owner, owner, `OWNER TO ${quoteIdent(owner)}`)
    after = reown(after, owner)
  }
  if (limit !== undefined && limit !== now.connection_limit) {
    change('connection_limit', now.connection_limit, limit, `CONNECTION LIMIT ${limit}`)
    after.connection_limit = limit
  }
  for (const flag of ['allow_connections', 'is_template'] as const) {
    const wanted = params[flag]
    if (wanted === undefined || wanted === now[flag]) continue
    change(flag, now[flag], wanted, `${flag.toUpperCase()} ${wanted}`)
    after[flag] = wanted
  }
  const predicts = steps.length > 0 ? [predict(databaseKey(cluster, params.name), after)] : undefined
  return { changes, steps, predicts }
}
