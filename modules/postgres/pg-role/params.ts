import * as z from 'zod'
import { identifier } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/cluster.ts'

const flag = (description: string, example = true) => z.boolean().optional().meta({ description, example })

const membership = z.strictObject({
  role: identifier,
  admin: z.boolean().optional(),
  inherit: z.boolean().optional(),
  set: z.boolean().optional(),
})

export const params = z.strictObject({
  ...clusterParams,
  name: identifier
    .refine((name) => !['public', 'none'].includes(name), 'PostgreSQL reserves this name')
    .meta({ description: 'Name of the role.', example: 'replicator', aliases: ['role', 'user'] }),
  state: z.enum(['present', 'absent']).default('present').meta({
    description: '`absent` drops the role, which must own nothing and hold no rights any more.',
  }),
  login: flag('May log in. A new role may not, unless this says so.'),
  superuser: flag('Passes every check of rights.', false),
  createdb: flag('May create databases.'),
  createrole: flag('May create roles.'),
  replication: flag('May stream WAL and make replication slots.'),
  bypassrls: flag('Row-level security does not hold for it.', false),
  inherit: flag('Has the rights of the roles it is a member of without SET ROLE.'),
  connection_limit: z.int().min(-1).optional().meta({
    description: 'How many connections it may have at the same time; -1 for no limit.',
    example: 20,
  }),
  valid_until: z
    .union([
      z.literal('infinity'),
      z.iso.datetime({ offset: true, error: "expected a time with its zone, or 'infinity'" }),
    ])
    .nullish()
    .meta({
      description: 'When its password ends: a time with its zone, or `infinity`.',
      example: '2030-01-01T00:00:00Z',
    }),
  password: z
    .string()
    .min(1, 'an empty password is none: say null')
    .nullish()
    .meta({
      description:
        'Its password, or null for none. Only its SCRAM-SHA-256 secret, made on the controller, reaches the server; ' +
        'whether the stored one is right is verified there too. A SCRAM-SHA-256 secret may be given instead.',
      example: '{{ replication_password }}',
      secret: true,
    }),
  member_of: z
    .array(z.union([identifier.transform((role) => ({ role })), membership]))
    .optional()
    .meta({
      description:
        'Roles it is a member of: names, or mappings with role and the options admin (it may make others members), and from PostgreSQL 16 on inherit and set. Options left out stay as they are.',
      example: ['pg_monitor', { role: 'app', admin: true }],
    }),
  member_of_exclusive: z.boolean().default(false).meta({
    description: 'Memberships that `member_of` does not name are revoked; otherwise they are left alone.',
  }),
})
export type Params = z.infer<typeof params>
