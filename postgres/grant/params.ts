import * as z from 'zod'
import { choice, flag, list, nonEmpty, text } from '../../contract/params.ts'
import { identifier, qualifiedName, signatureOf } from '../catalog/names.ts'
import { clusterParams } from '../cluster/meant.ts'

const RIGHTS = {
  table: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'],
  sequence: ['USAGE', 'SELECT', 'UPDATE'],
  function: ['EXECUTE'],
  database: ['CONNECT', 'CREATE', 'TEMPORARY'],
  schema: ['USAGE', 'CREATE'],
} as const

const privilege = text().transform((name) =>
  name
    .toUpperCase()
    .replace(/^TEMP$/, 'TEMPORARY')
    .replace(/^ALL PRIVILEGES$/, 'ALL'),
)

export const grantParams = z
  .strictObject({
    ...clusterParams,
    type: choice('table', 'sequence', 'function', 'database', 'schema').default('table').meta({
      description: 'What the objects are. Tables are also views; functions are also procedures.',
    }),
    objects: list(nonEmpty(), { min: 1 })
      .optional()
      .meta({
        unset: '`db` with `type: database`; else `in_schema` or `default_for`',
        description:
          'Their names: `schema.table`, `schema.sequence`, `schema.function(integer, text)` (or without types, where there is one only), or names of schemas or databases.',
        example: ['public.orders'],
        aliases: ['objs', 'object'],
      }),
    in_schema: identifier.optional().meta({
      unset: '`objects`; with `default_for` any schema',
      description:
        'Instead of `objects`: all tables, sequences or functions that are in this schema now. With `default_for`: only what is created in it.',
      example: 'app',
      aliases: ['schema'],
    }),
    default_for: list(identifier, { min: 1 })
      .optional()
      .meta({
        unset: 'objects that are there',
        description:
          'Instead of objects that are there: those that these roles will create (ALTER DEFAULT PRIVILEGES FOR ROLE).',
        example: ['app_owner'],
        aliases: ['target_roles'],
      }),
    db: identifier.default('postgres').meta({
      description: 'Database that the objects are in.',
      example: 'app',
      aliases: ['database'],
    }),
    privileges: list(privilege, { min: 1 }).meta({
      description: 'The privileges, as in GRANT, or ALL.',
      example: ['SELECT', 'INSERT'],
      aliases: ['privs', 'priv'],
    }),
    roles: list(
      identifier.transform((name) => (name === 'public' ? 'PUBLIC' : name)),
      { min: 1 },
    ).meta({
      description: 'Who gets them, or loses them: roles, or PUBLIC for everyone.',
      example: ['reader'],
      aliases: ['role'],
    }),
    state: choice('present', 'absent').default('present').meta({
      description:
        'Whether the roles hold these privileges. Other privileges, and those of other roles, are left alone. A role that `grants` of pg_table names has exactly what stands there: keep it out of the one or the other.',
    }),
    grant_option: flag().optional().meta({
      unset: 'left as it is',
      description:
        'Whether the roles may grant them to others. With `state: absent`, true takes only this option away.',
      example: true,
    }),
  })
  .superRefine((given, context) => {
    const problem = (message: string, path: string) =>
      context.addIssue({ code: 'custom', message, path: [path] })
    const known: readonly string[] = RIGHTS[given.type]
    for (const name of given.privileges)
      if (name !== 'ALL' && !known.includes(name))
        problem(`${name} is no privilege on a ${given.type}: ${known.join(', ')}, ALL are`, 'privileges')
    if (given.grant_option && given.roles.includes('PUBLIC'))
      problem('PUBLIC cannot be given the option to grant', 'grant_option')
    if (given.objects && given.in_schema !== undefined)
      problem('give either `objects` or `in_schema`', 'in_schema')
    const inSchemas = ['table', 'sequence', 'function'].includes(given.type)
    if (given.in_schema !== undefined && !inSchemas) problem(`a ${given.type} is in no schema`, 'in_schema')
    if (given.default_for) {
      if (given.objects) problem('default privileges are for objects to come: name none', 'objects')
      if (given.type === 'database') problem('there are no default privileges on databases', 'default_for')
    } else if (!given.objects && given.in_schema === undefined && given.type !== 'database')
      problem(`name the ${given.type}s${inSchemas ? ', or `in_schema` for all of a schema' : ''}`, 'objects')
    for (const name of given.objects ?? []) {
      const parsed = (inSchemas ? qualifiedName : identifier).safeParse(
        given.type === 'function' ? signatureOf(name)[0] : name,
      )
      if (!parsed.success) problem(parsed.error.issues[0]!.message, 'objects')
    }
  })
export type GrantParams = z.output<typeof grantParams>
