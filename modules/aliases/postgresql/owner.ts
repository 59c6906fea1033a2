import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import { param, text } from '../../../contract/params.ts'
import { missing } from '../../../postgres/catalog/missing.ts'
import { identifier, parseQualified, plainName } from '../../../postgres/catalog/names.ts'
import { requireSchema } from '../../../postgres/catalog/schema.ts'
import { readTable } from '../../../postgres/catalog/table.ts'
import { requireDatabase, requirePrimary } from '../../../postgres/cluster/cluster.ts'
import { pgDatabaseModule } from '../../postgres/pg-database/index.ts'
import { pgSchemaModule } from '../../postgres/pg-schema/index.ts'
import { pgTableModule } from '../../postgres/pg-table/index.ts'
import { refused, refusedSwitch } from '../alias.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'

const MODULES = { database: pgDatabaseModule, schema: pgSchemaModule, table: pgTableModule } as const
type Kind = keyof typeof MODULES

const params = z.strictObject({
  ...loginParams,
  new_owner: param(identifier, 'Role to own it.', { example: 'app' }),
  obj_type: param(
    text({
      expected:
        'database, schema or table; others by postgresql_query: ALTER … OWNER TO …, with a guard (sql: unless)',
      fits: (kind) => Object.hasOwn(MODULES, kind),
      takes: '`database`, `schema` or `table`',
    }).transform((kind) => kind as Kind),
    'What it is.',
    { aliases: ['type'], example: 'table' },
  ),
  obj_name: param(text(), 'Its name: `schema.table` of a table.', { example: 'public.orders' }),
  login_db: param(identifier.default('postgres'), 'Database that it is in.', {
    aliases: ['db'],
    example: 'app',
  }),
  reassign_owned_by: refused('use postgresql_query: REASSIGN OWNED BY … TO …'),
  fail_on_role: refusedSwitch(true, 'it belongs to reassign_owned_by'),
})
type Params = z.infer<typeof params>

/** It changes owners, and makes nothing. */
export const postgresqlOwnerModule = definePostgresqlAlias<Params>({
  name: 'postgresql_owner',
  summary: "Ansible's name for `owner` of pg_database, pg_schema and pg_table, of what is there",
  of: ({ obj_type }) => MODULES[obj_type],
  names: { name: 'obj_name', owner: 'new_owner', db: 'login_db' },
  params,
  to: ({ obj_type, obj_name, new_owner, login_db }) => ({
    name: obj_name,
    owner: new_owner,
    ...(obj_type === 'database' ? {} : { db: login_db }),
  }),
  async more(host, { obj_type, obj_name, login_db }, where) {
    const cluster = await requirePrimary(host, where)
    const database = await requireDatabase(host, cluster, obj_type === 'database' ? obj_name : login_db)
    if (obj_type === 'schema') await requireSchema(host, cluster, database, obj_name)
    if (obj_type === 'table') {
      const name = parseQualified(obj_name)
      if (!(await readTable(host, cluster, database, name)))
        throw missing(
          host,
          cluster,
          login_db,
          new Refusal(`there is no table ${plainName(name)} in database "${login_db}" on ${host.name}`),
        )
    }
    return {}
  },
  result: () => ({}),
})
