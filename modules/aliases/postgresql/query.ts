import * as z from 'zod'
import { plainText } from '../../../contract/bytes.ts'
import { Refusal } from '../../../contract/errors.ts'
import { anything, flag, hostPath, list, mapping, nonEmpty, param, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { splitStatements } from '../../../postgres/sql/statements.ts'
import { sqlModule } from '../../postgres/sql/index.ts'
import { given, ignored, refused, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'
import { type Numbered, numbered } from './placeholders.ts'
import { callsWhatActs, readsByItsWords } from './reading.ts'

const shared = {
  ...loginParams,
  login_user: param(unlessBlank(identifier), 'Role to act as.', {
    aliases: ['login'],
    unset: 'the owner of the cluster',
    example: 'postgres',
  }),
  session_role: param(unlessBlank(identifier), 'Role to act as.', { unset: '`login_user`' }),
  login_db: param(identifier.default('postgres'), 'Database to work in.', {
    aliases: ['db'],
    example: 'app',
  }),
  positional_args: param(z.array(anything()).optional(), 'Values for each `%s`, in order.', {
    unset: 'none, and a percent sign means nothing',
    example: [1, 'one'],
  }),
  named_args: param(mapping(text(), anything()).optional(), 'Values for each `%(name)s`.', {
    unset: 'none, and a percent sign means nothing',
    example: { id: 1 },
  }),
  encoding: ignored('texts travel as UTF-8, and the server converts them'),
  search_path: refused('name the schema in the statement: schema.table; or SET search_path before it'),
}

interface Statement {
  login_user?: string
  session_role?: string
  login_db: string
  positional_args?: unknown[]
  named_args?: Record<string, unknown>
}

const roleOf = ({ login_user, session_role }: Statement): string | undefined =>
  session_role ?? (login_user === 'postgres' ? undefined : login_user)

function filled(query: string, { positional_args, named_args }: Statement): Numbered {
  const args = positional_args ?? named_args
  return args === undefined ? { text: query, values: [] } : numbered(query, args)
}

const common = (value: Statement) => ({ db: value.login_db, as: roleOf(value) })

const notBoth = ({ positional_args, named_args }: Statement): boolean =>
  positional_args === undefined || named_args === undefined
const BOTH = { error: 'expected either positional_args or named_args', path: ['named_args'] }

/** What each statement answers, as far as it is known by itself. */
const answers = (query: string, all: Record<string, unknown>[]) => {
  const last = all.at(-1) ?? {}
  return {
    query,
    query_list: splitStatements(query),
    query_result: last.rows ?? [],
    query_all_results: all.map(({ rows }) => rows ?? []),
    rowcount: last.row_count ?? 0,
    statusmessage: last.statusmessage ?? '',
  }
}

const queryParams = z
  .strictObject({
    ...shared,
    query: param(list(nonEmpty(), { min: 1 }), 'The statement, or several.', { example: 'select version()' }),
    autocommit: param(flag().default(false), 'Each statement is committed by itself.'),
    as_single_query: ignored('it is sent as it is'),
    path_to_script: refused('postgresql_script runs a file'),
  })
  .refine(notBoth, BOTH)
  .superRefine((value, context) => {
    const { problem } = filled(value.query.join(';\n'), value)
    const path = [value.named_args === undefined ? 'positional_args' : 'named_args']
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, path })
  })
type QueryParams = z.infer<typeof queryParams>

const statementsOf = (value: QueryParams): string[] =>
  splitStatements(filled(value.query.join(';\n'), value).text)

/** Each by itself where they only read, else all together. */
function queries(value: QueryParams): Record<string, unknown>[] {
  const statements = statementsOf(value)
  const reads = statements.length > 0 && statements.every(readsByItsWords)
  return reads ? statements.map((query) => asked(value, query)) : [run(value)]
}

const asked = (value: QueryParams, query: string): Record<string, unknown> => {
  const { values } = filled(value.query.join(';\n'), value)
  return given({ ...common(value), ...(values.length > 0 ? { values } : {}), query, read_only: true })
}

function run(value: QueryParams): Record<string, unknown> {
  const { text, values } = filled(value.query.join(';\n'), value)
  return given({
    ...common(value),
    ...(values.length > 0 ? { values } : {}),
    query: text,
    transaction: !value.autocommit,
  })
}

/** What only reads is asked in a check too, and counts as unchanged; anything else counts as changed, as `sql` has it. */
export const postgresqlQueryModule = definePostgresqlAlias<QueryParams>({
  name: 'postgresql_query',
  summary: "Ansible's name for sql, with Ansible's arguments; what only reads is asked in a check too",
  of: sqlModule,
  names: { db: 'login_db', as: 'session_role', values: 'positional_args' },
  params: queryParams,
  to: queries,
  async more(host, value, where) {
    const written = queries(value)
    if (!written[0]!.read_only || !(await callsWhatActs(host, where, value.login_db, statementsOf(value))))
      return {}
    return written.map((_, at) => (at === 0 ? { ...run(value), read_only: false } : null))
  },
  result: ({ params, all }) => answers(params.query.join(';\n'), all),
})

const scriptParams = z
  .strictObject({
    ...shared,
    path: param(hostPath(), 'A file of SQL statements on the host.', { example: '/opt/app/schema.sql' }),
  })
  .refine(notBoth, BOTH)
type ScriptParams = z.infer<typeof scriptParams>

export const postgresqlScriptModule = definePostgresqlAlias<ScriptParams>({
  name: 'postgresql_script',
  summary: "Ansible's name for sql with a file of the host, with Ansible's arguments",
  of: sqlModule,
  names: { db: 'login_db', as: 'session_role', query: 'path' },
  params: scriptParams,
  instead: { query: 'select 1' },
  to: (value) => given(common(value)),
  async more(host, value) {
    const content = await host.readFile(value.path)
    if (content === null) throw new Refusal(`there is no file ${value.path} on ${host.name}`)
    const { text, values, problem } = filled(plainText(content, value.path), value)
    if (problem !== undefined) throw new Refusal(`${value.path}: ${problem}`)
    return { query: text, ...(values.length > 0 ? { values } : {}) }
  },
  result: ({ params, all }) => ({ ...answers('', all), query: params.path }),
})
