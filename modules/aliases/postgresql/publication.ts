import * as z from 'zod'
import { anything, choice, list, mapping, param, text } from '../../../contract/params.ts'
import { textList } from '../../../contract/text-list.ts'
import { identifier, parseQualified, plainName, qualifiedName } from '../../../postgres/catalog/names.ts'
import { readPublication } from '../../../postgres/catalog/publication.ts'
import { requireDatabase, requirePrimary } from '../../../postgres/cluster/cluster.ts'
import { pgPublicationModule } from '../../postgres/pg-publication/index.ts'
import { given, ignored, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams, names } from './login.ts'

const PARAMETERS = ['publish', 'publish_via_partition_root', 'publish_generated_columns']

const params = z
  .strictObject({
    ...loginParams,
    name: param(identifier, 'Name of the publication.', { example: 'test_pub' }),
    login_db: param(identifier.default('postgres'), 'Database it is in.', {
      aliases: ['db'],
      example: 'app',
    }),
    state: param(choice('present', 'absent').default('present'), '`absent` drops the publication.'),
    tables: param(names(qualifiedName).optional(), 'Exactly the tables it publishes.', {
      unset: 'left as they are; all of the database for a new one',
      example: ['public.test'],
    }),
    columns: param(
      mapping(qualifiedName, list(identifier)).optional(),
      'Tables with the columns to publish.',
      {
        unset: '`tables`',
        example: { 'public.test': ['id'] },
      },
    ),
    rowfilters: param(mapping(qualifiedName, text()).optional(), 'Tables with what their rows must fit.', {
      unset: 'all rows',
      example: { 'public.test': 'id > 0' },
    }),
    tables_in_schema: param(names(identifier).optional(), 'Publish all tables of these schemas.', {
      unset: '`tables`',
      example: ['sales'],
    }),
    parameters: param(
      mapping(
        text({ expected: PARAMETERS.join(', '), fits: (name) => PARAMETERS.includes(name) }),
        anything(),
      ).default({}),
      `${PARAMETERS.join(', ')}, as in CREATE PUBLICATION.`,
      { example: { publish: 'insert, update' } },
    ),
    owner: param(unlessBlank(identifier), 'Role that owns it.', {
      unset: 'left as it is; postgres for a new one',
    }),
    cascade: ignored('nothing in a database depends on a publication'),
  })
  .refine(
    ({ tables, columns, tables_in_schema }) => [tables, columns, tables_in_schema].filter(Boolean).length < 2,
    {
      error: 'expected one of tables, columns and tables_in_schema',
      path: ['tables'],
    },
  )
type Params = z.infer<typeof params>

/** Tables as pg_publication takes them; undefined where none are named. */
function tablesOf({ tables, columns, rowfilters = {} }: Params) {
  const listed = columns ? Object.entries(columns) : tables?.map((name) => [name, []] as const)
  const plain = (name: string) => plainName(parseQualified(name))
  const filters = new Map(Object.entries(rowfilters).map(([name, where]) => [plain(name), where]))
  return listed?.map(([name, some]) =>
    given({ name, columns: some.length > 0 ? some : undefined, where: filters.get(plain(name)) }),
  )
}

export const postgresqlPublicationModule = definePostgresqlAlias<Params>({
  name: 'postgresql_publication',
  summary: "Ansible's name for pg_publication, with Ansible's arguments",
  of: pgPublicationModule,
  names: { db: 'login_db', schemas: 'tables_in_schema', publish: 'parameters' },
  params,
  to: (value) =>
    value.state === 'absent'
      ? { name: value.name, db: value.login_db, state: 'absent' }
      : given({
          name: value.name,
          db: value.login_db,
          tables: tablesOf(value),
          schemas: value.tables_in_schema,
          owner: value.owner,
          ...value.parameters,
          publish:
            typeof value.parameters.publish === 'string'
              ? textList(value.parameters.publish)
              : value.parameters.publish,
        }),
  // Where it names none, a new one is for all tables, and one that is there stays as it is.
  async more(host, { name, login_db, state, tables, columns, tables_in_schema }, where) {
    if (state === 'absent' || (tables ?? columns ?? tables_in_schema) !== undefined) return {}
    const cluster = await requirePrimary(host, where)
    const has = await readPublication(host, cluster, await requireDatabase(host, cluster, login_db), name)
    return has === null ? { all_tables: true } : {}
  },
  result: ({ params: { name, state } }) => ({ name, exists: state === 'present' }),
})
