import * as z from 'zod'
import { plainText } from '../../../contract/bytes.ts'
import { Refusal, SqlError } from '../../../contract/errors.ts'
import { jsonText } from '../../../contract/exact-json.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { anything, duration, flag, nonEmpty } from '../../../contract/params.ts'
import type { Plan, SqlStep, SqlTarget } from '../../../contract/plan.ts'
import { UnknownError, unknown } from '../../../contract/unknown.ts'
import { touchedClusterKey, touchedKey } from '../../../postgres/catalog/missing.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { roleKey } from '../../../postgres/catalog/role.ts'
import {
  type Cluster,
  type Database,
  requireDatabase,
  requireServer,
  targetOf,
} from '../../../postgres/cluster/cluster.ts'
import { defineDatabaseFact } from '../../../postgres/cluster/facts.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { isReading, oneQuery } from '../../../postgres/sql/one-query.ts'
import { firstWord, splitStatements } from '../../../postgres/sql/statements.ts'
import { catalogueToCome } from './planned.ts'
import { refusePsqlOnly } from './refuse.ts'

const params = z
  .strictObject({
    ...clusterParams,
    query: nonEmpty().optional().meta({
      unset: '`script`',
      description: 'The statement; its parameters are $1, $2, … of `values`.',
      example: 'insert into test values ($1, $2)',
    }),
    script: nonEmpty().optional().meta({
      unset: '`query`',
      description: 'A file of SQL statements on the controller, instead of `query`.',
      example: 'schema.sql',
      from: 'file',
    }),
    db: identifier.default('postgres').meta({
      description: 'Database to work in.',
      example: 'app',
      aliases: ['database', 'login_db'],
    }),
    as: identifier.optional().meta({
      unset: 'the owner of the cluster',
      description: 'Role to act as.',
      example: 'app',
      aliases: ['session_role'],
    }),
    values: z
      .array(anything())
      .optional()
      .meta({
        unset: 'none',
        description:
          'Parameters of `query`. They travel apart from it and need no quoting. A list is an array or JSON, as its parameter is.',
        example: [1, 'one'],
        aliases: ['positional_args'],
      }),
    unless: nonEmpty().optional().meta({
      unset: 'it always runs',
      description: 'A query that guards: where it answers at least one row there is nothing to do.',
      example: 'select from test where id = 1',
    }),
    unless_values: z
      .array(anything())
      .optional()
      .meta({ unset: 'none', description: 'Parameters of `unless`.' }),
    read_only: flag().default(false).meta({
      description:
        'The query only reads: it runs in a READ ONLY transaction, also in check mode, and never counts as changed.',
    }),
    transaction: flag().default(true).meta({
      description: 'All statements of a script or none; `false` commits each by itself.',
    }),
    timeout: duration({ above: true }).optional().meta({
      unset: 'no limit, and 60 for the standby',
      description:
        'How long a statement may take (statement_timeout), and then its commit wait for a synchronous standby. Not together with `values`, and not for what cannot run in a transaction (VACUUM, CREATE DATABASE).',
      example: 30,
    }),
  })
  .superRefine((given, context) => {
    const problem = (message: string, path: string) =>
      context.addIssue({ code: 'custom', message, path: [path] })
    if ((given.query === undefined) === (given.script === undefined))
      problem('give either `query` or `script`', 'query')
    if (given.values && given.script !== undefined) problem('only a `query` has `values`', 'values')
    if (given.unless_values && given.unless === undefined)
      problem('there is no `unless` that these are for', 'unless_values')
    if (given.read_only && given.script !== undefined) problem('only a `query` can be read_only', 'read_only')
    if (given.read_only && given.unless !== undefined) problem('what only reads needs no `unless`', 'unless')
    if (given.read_only && given.timeout !== undefined) problem('a read_only query has no timeout', 'timeout')
    if (given.values && given.timeout !== undefined)
      problem('a query with `values` has no timeout', 'timeout')
  })
type Params = z.infer<typeof params>

interface State {
  cluster: Cluster
  /** Of read_only. */
  rows?: Record<string, unknown>[]
  /** `unless` answered a row. */
  done: boolean
  statements: string[]
}

export const sqlModule = defineModule<Params, State>({
  name: 'sql',
  summary: 'Runs SQL statements over the server’s own protocol, with parameters, and with a guard',
  changesNothing: (args) => args.read_only === true,
  params,
  freeForm: 'query',
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requireServer(host, params)
    const database = cluster.copyOf ? null : await requireDatabase(host, cluster, params.db)
    const on: SqlTarget = { ...targetOf(cluster, params.db, params.as), words: 'users' }
    const source = params.script === undefined ? 'the query' : `script ${params.script}`
    const text = params.query ?? (await scriptOf(host, params.script!))
    const backslashes =
      /'[^']*\\/.test(text) && !isPlanned(cluster, database) && (await readsBackslashes(host, on))
    const statements = splitStatements(text, backslashes)
    if (statements.length === 0) throw new Refusal(`${source} holds no statement`)
    refusePsqlOnly(statements, source)
    if ((params.values || params.read_only) && statements.length > 1)
      throw new Refusal(
        `${source} holds ${statements.length} statements`,
        params.values
          ? '`values` go with one statement alone.'
          : '`read_only` goes with one statement alone.',
      )
    if (params.read_only) {
      const query = oneQuery(statements[0]!, source)
      refuseToCome(host, cluster, params.db, query)
      if (isPlanned(cluster, database))
        throw new UnknownError(`database "${params.db}" is only planned so far`)
      const rows = await readRows(host, cluster, on, query, params.values)
      if (rows === null) throw new UnknownError('what the query reads is only planned so far')
      return { cluster, rows, done: true, statements }
    }
    if (params.unless === undefined) return { cluster, done: false, statements }
    const guardQuery = oneQuery(params.unless, '`unless`')
    // An earlier planned task with this very guard will have made it true.
    if (host.predicted(guardOf(cluster, params))) return { cluster, done: true, statements }
    refuseToCome(host, cluster, params.db, guardQuery)
    const guard = isPlanned(cluster, database)
      ? []
      : await readRows(host, cluster, on, guardQuery, params.unless_values)
    return { cluster, done: (guard?.length ?? 0) > 0, statements }
  },
  plan({ cluster, done, statements }, params): Plan {
    if (done) return { changes: [], steps: [] }
    const on: SqlTarget = { ...targetOf(cluster, params.db, params.as), words: 'users' }
    // Several statements in one message are one transaction (Message Flow, 55.2.2.1), and SET ends with its session.
    const limit = params.timeout && `set statement_timeout = ${Math.round(params.timeout * 1000)};\n`
    const step = (text: string): SqlStep => ({
      do: 'sql',
      title: statements.length === 1 ? 'the statement' : 'the script',
      on,
      text: `${limit ?? ''}${text}`,
      values: params.values,
      syncWait: params.timeout,
    })
    const reads =
      params.query !== undefined && firstWord(statements[0]!) !== 'with' && isReading(statements[0]!)
    return {
      changes: [
        {
          path:
            params.script === undefined
              ? `sql in database ${params.db}`
              : `script ${params.script} in database ${params.db}`,
          before: null,
          after: statements.length === 1 ? statements[0] : `${statements.length} statements`,
        },
      ],
      steps: params.transaction ? [step(statements.join('\n;\n'))] : statements.map(step),
      predicts: [
        predict(touchedKey(cluster, params.db), true),
        predict(touchedClusterKey(cluster), true),
        ...(params.unless === undefined ? [] : [predict(guardOf(cluster, params), true)]),
      ],
      notes:
        reads && params.unless === undefined
          ? ['this counts as changed each time; if the query only reads, say `read_only: true`']
          : undefined,
    }
  },
  result({ state, outputs }) {
    if (state.rows)
      return { rows: state.rows, row_count: state.rows.length, statusmessage: `SELECT ${state.rows.length}` }
    if (state.done) return { rows: [], row_count: 0, statusmessage: '' }
    if (!outputs) {
      const later = unknown('the statement has not run')
      return { rows: later, row_count: later, statusmessage: later }
    }
    const last = outputs.at(-1)
    const count = last?.rowCount ?? 0
    const word = firstWord(state.statements.at(-1)!).toUpperCase()
    return { rows: last?.rows ?? [], row_count: count, statusmessage: `${word} ${count}` }
  },
})

/** What is in a copy that is only planned nobody can ask yet. */
const isPlanned = (cluster: Cluster, database: Database | null): boolean =>
  cluster.fresh === true || database === null || database.fresh === true

/** SQLSTATEs of what is not there: table, database, schema, type or role, column, function. */
const ABSENT = ['42P01', '3D000', '3F000', '42704', '42703', '42883']
/** What SET SESSION AUTHORIZATION says of a role that is not there: invalid_parameter_value. */
const NO_SUCH_ROLE = '22023'
const NOT_ALLOWED = '42501'

/** Whether a backslash in a plain string is more than one there: where a statement ends hangs on it. */
async function readsBackslashes(host: HostReader, on: SqlTarget): Promise<boolean> {
  const text = "select pg_catalog.current_setting('standard_conforming_strings') as standard"
  return (await host.sql({ ...on, as: undefined }, text))[0]?.standard === 'off'
}

async function scriptOf(host: HostReader, script: string): Promise<string> {
  const { content, path } = await host.controller.file(script)
  return plainText(content, path)
}

/** The rows; null where what the query needs is not there yet, but an earlier task of this check may bring it. */
async function readRows(
  host: HostReader,
  cluster: Cluster,
  on: SqlTarget,
  text: string,
  values?: readonly unknown[],
) {
  try {
    return await host.ask(on, text, values)
  } catch (error) {
    if (!(error instanceof SqlError) || !host.planned()) throw error
    const isRoleToCome = on.as !== undefined && host.predicted(roleKey(cluster, on.as)) != null
    if (ABSENT.includes(error.code) || (error.code === NO_SUCH_ROLE && isRoleToCome)) return null
    if (error.code === NOT_ALLOWED)
      throw new UnknownError(`${error.message}, unless an earlier task changes that`)
    throw error
  }
}

/** @throws {UnknownError} where the query reads of what earlier tasks of this check change */
function refuseToCome(host: HostReader, cluster: Cluster, db: string, query: string): void {
  const name = catalogueToCome(host, cluster, db, query)
  if (name !== undefined) throw new UnknownError(`what earlier tasks change is in ${name}`)
}

/** `unless` says what the statement brings about: all that can be known of it beforehand. */
const guardKey = defineDatabaseFact<true, [guard: string]>('guard')
const guardOf = (cluster: Cluster, { db, as, unless, unless_values }: Params) =>
  guardKey(cluster, db, jsonText([as, unless, unless_values]))
