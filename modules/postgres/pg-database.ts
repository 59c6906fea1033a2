import { z } from 'zod'
import { type Change, defineModule, type HostReader, type Plan, type Step } from '../contract.ts'
import { quoteIdent, quoteLiteral } from '../quote.ts'
import { builtinAcl, reown } from './catalog/acl.ts'
import { touchedKey } from './catalog/missing.ts'
import { identifier } from './catalog/names.ts'
import { requireRole } from './catalog/role.ts'
import { majorOf } from './catalog/version.ts'
import {
  type Cluster,
  clusterParams,
  type Database,
  globalKey,
  readDatabase,
  requireDatabase,
  requirePrimary,
  targetOf,
} from './cluster.ts'
import { refuseFixed } from './database/fixed.ts'
import { refuseWhileUsed } from './database/usage.ts'

const params = z
  .strictObject({
    ...clusterParams,
    name: identifier.meta({ description: 'Name of the database.', example: 'app', aliases: ['db'] }),
    state: z.enum(['present', 'absent']).default('present').meta({
      description: '`absent` drops the database with all that is in it; `confirm` must name it too.',
    }),
    owner: identifier.optional().meta({ description: 'Role that owns it.', example: 'app' }),
    encoding: z.string().optional().meta({
      description: 'Character set; it cannot be changed later.',
      example: 'UTF8',
    }),
    locale: z.string().optional().meta({
      description: 'Sets lc_collate and lc_ctype; it cannot be changed later.',
      example: 'C.UTF-8',
    }),
    lc_collate: z.string().optional().meta({ description: 'Order of texts.', example: 'en_GB.UTF-8' }),
    lc_ctype: z.string().optional().meta({ description: 'Classes of characters.', example: 'en_GB.UTF-8' }),
    template: identifier.optional().meta({
      description:
        'Database to copy. When left out: template0 where encoding or locale are given, else template1.',
      example: 'template0',
    }),
    connection_limit: z.int().min(-1).optional().meta({
      description: 'How many connections there may be at the same time; -1 for no limit.',
      example: 50,
    }),
    confirm: z.string().optional().meta({
      description: 'With `state: absent`: the name of the database, said again.',
      example: 'app',
    }),
    force: z.boolean().default(false).meta({
      description: 'With `state: absent`: end the sessions of others that use the database.',
    }),
  })
  .refine(({ state, name, confirm }) => state === 'present' || confirm === name, {
    error: 'dropping a database needs `confirm` with the same name',
    path: ['confirm'],
  })
type Params = z.infer<typeof params>

interface State {
  cluster: Cluster
  database: Database | null
  /** What a new one is copied from. */
  template?: Database
}

export const pgDatabaseModule = defineModule<Params, State>({
  name: 'pg_database',
  summary: 'Creates, changes and drops databases',
  params: params as z.ZodType<Params>,
  async inspect(host: HostReader, params: Params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    const database = await readDatabase(host, cluster, params.name)
    if (params.state === 'absent') {
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

const sql = (cluster: Cluster, params: Params, text: string): Step => ({
  do: 'sql',
  title: titleOf(params),
  on: targetOf(cluster),
  text,
})

function drop({ cluster, database }: State, params: Params): Plan {
  if (!database) return { changes: [], steps: [] }
  return {
    changes: [{ path: titleOf(params), before: 'present', after: null, destructive: true }],
    // FORCE, because this run itself may still hold a session there; `inspect` has refused others'.
    steps: [sql(cluster, params, `DROP DATABASE ${quoteIdent(params.name)} WITH (FORCE)`)],
    predicts: { [globalKey(cluster, 'database', params.name)]: null },
  }
}

function create({ cluster, template }: State, params: Params): Plan {
  const after = {
    owner: params.owner ?? 'postgres',
    encoding: params.encoding ?? template!.encoding,
    collate: params.lc_collate ?? params.locale ?? template!.collate,
    ctype: params.lc_ctype ?? params.locale ?? template!.ctype,
    connection_limit: params.connection_limit ?? -1,
  }
  const acl = builtinAcl('database', after.owner, majorOf(cluster))
  const predicted: Database = { name: params.name, ...after, ...acl, fresh: true }
  return {
    changes: [{ path: titleOf(params), before: null, after }],
    steps: [sql(cluster, params, creation(params))],
    predicts: {
      [globalKey(cluster, 'database', params.name)]: predicted,
      // A copy holds what its template holds, which is not known here.
      ...(/^template[01]$/.test(template!.name) ? {} : { [touchedKey(cluster, params.name)]: true }),
    },
  }
}

function creation(params: Params): string {
  const options = [
    params.owner !== undefined && `OWNER ${quoteIdent(params.owner)}`,
    `TEMPLATE ${quoteIdent(templateOf(params))}`,
    params.encoding !== undefined && `ENCODING ${quoteLiteral(params.encoding)}`,
    params.locale !== undefined && `LOCALE ${quoteLiteral(params.locale)}`,
    params.lc_collate !== undefined && `LC_COLLATE ${quoteLiteral(params.lc_collate)}`,
    params.lc_ctype !== undefined && `LC_CTYPE ${quoteLiteral(params.lc_ctype)}`,
    params.connection_limit !== undefined && `CONNECTION LIMIT ${params.connection_limit}`,
  ]
  return ['CREATE DATABASE', quoteIdent(params.name), ...options.filter((option) => option !== false)].join(
    ' ',
  )
}

/** Only template0 may be copied with another encoding or locale (CREATE DATABASE). */
function templateOf({ template, encoding, locale, lc_collate, lc_ctype }: Params): string {
  if (template !== undefined) return template
  return (encoding ?? locale ?? lc_collate ?? lc_ctype) ? 'template0' : 'template1'
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
  const key = globalKey(cluster, 'database', params.name)
  return { changes, steps, predicts: steps.length > 0 ? { [key]: after } : undefined }
}
