import * as z from 'zod'
import { choice, flag, integer, list, secret, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { isMd5Hash } from '../../../postgres/scram/scram.ts'
import { momentOf } from './valid-until.ts'

const option = (description: string, unset = 'left as it is; false for a new role', example = true) =>
  flag().optional().meta({ description, unset, example })

const allowed = (description: string) => flag().optional().meta({ description, unset: 'left as it is' })

const membership = z.strictObject({
  role: identifier.meta({ description: 'The role.' }),
  admin: allowed('It may make others members.'),
  inherit: allowed('It has the rights of the role without SET ROLE (PostgreSQL 16).'),
  set: allowed('It may SET ROLE to the role (PostgreSQL 16).'),
})

export const params = z.strictObject({
  ...clusterParams,
  name: identifier
    .refine((name) => !['public', 'none'].includes(name), 'PostgreSQL reserves this name')
    .meta({ description: 'Name of the role.', example: 'replicator', aliases: ['role', 'user'] }),
  state: choice('present', 'absent').default('present').meta({
    description: '`absent` drops the role, which must own nothing and hold no rights any more.',
  }),
  login: option('May log in.'),
  superuser: option('Passes every check of rights.', undefined, false),
  createdb: option('May create databases.'),
  createrole: option('May create roles.'),
  replication: option('May stream WAL and make replication slots.'),
  bypassrls: option('Row-level security does not hold for it.', undefined, false),
  inherit: option(
    'Has the rights of the roles it is a member of without SET ROLE.',
    'left as it is; true for a new role',
  ),
  connection_limit: integer(-1).optional().meta({
    unset: 'left as it is; -1 for a new role',
    description: 'How many connections it may have at the same time; -1 for no limit.',
    example: 20,
  }),
  valid_until: text({
    expected: "a time with its zone, or 'infinity'",
    fits: (when) => when === 'infinity' || momentOf(when) !== null,
    takes: 'time with its zone',
  })
    .nullish()
    .meta({
      unset: 'left as it is; never ends for a new role',
      description:
        'When its password ends: a time with its zone, also as PostgreSQL prints it, or `infinity`.',
      example: '2030-01-01T00:00:00Z',
    }),
  password: secret({
    expected: 'a password in quotes, its SCRAM-SHA-256 secret, or null for none; hashes of md5 are not taken',
    fits: (given) => given !== '' && !isMd5Hash(given),
  })
    .nullish()
    .meta({
      unset: 'left as it is; none for a new role',
      description:
        'Its password, or null for none. Only its SCRAM-SHA-256 secret, made on the controller, reaches the server; ' +
        'whether the stored one is right is verified there too. A SCRAM-SHA-256 secret may be given instead.',
      example: '{{ replication_password }}',
    }),
  member_of: list(z.union([identifier.transform((role) => ({ role })), membership]))
    .optional()
    .meta({
      unset: 'left as they are',
      description: 'Roles it is a member of: names, or mappings with options.',
      example: ['pg_monitor', { role: 'app', admin: true }],
    }),
  member_of_exclusive: flag().default(false).meta({
    description: 'Memberships that `member_of` does not name are revoked; otherwise they are left alone.',
  }),
})
export type Params = z.infer<typeof params>
