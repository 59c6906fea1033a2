import * as z from 'zod'
import { identifier } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/cluster.ts'

export const params = z
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
    locale_provider: z.enum(['libc', 'icu', 'builtin']).optional().meta({
      description:
        'Whose rules texts are compared by (PostgreSQL 15; `builtin` from 17 on); it cannot be changed later.',
      example: 'icu',
    }),
    icu_locale: z.string().optional().meta({
      description: 'Locale of the provider icu, as a language tag.',
      example: 'en-GB',
    }),
    builtin_locale: z.string().optional().meta({
      description: 'Locale of the provider builtin.',
      example: 'C.UTF-8',
    }),
    template: identifier.optional().meta({
      description:
        'Database to copy. When left out: template0 where encoding or locale are given, else template1.',
      example: 'template0',
    }),
    connection_limit: z.int().min(-1).optional().meta({
      description: 'How many connections there may be at the same time; -1 for no limit.',
      example: 50,
    }),
    allow_connections: z.boolean().optional().meta({
      description: 'Whether anybody may connect to it; a new one may be connected to.',
      example: true,
    }),
    is_template: z.boolean().optional().meta({
      description: 'Whether roles with CREATEDB may copy it. A template is not dropped.',
      example: false,
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
export type Params = z.infer<typeof params>
