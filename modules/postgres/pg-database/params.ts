import * as z from 'zod'
import { choice, flag, integer, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'

export const params = z
  .strictObject({
    ...clusterParams,
    name: identifier.meta({ description: 'Name of the database.', example: 'app', aliases: ['db'] }),
    state: choice('present', 'absent').default('present').meta({
      description: '`absent` drops the database with all that is in it; `confirm` must name it too.',
    }),
    owner: identifier.optional().meta({
      unset: 'left as it is; postgres for a new one',
      description: 'Role that owns it.',
      example: 'app',
    }),
    encoding: text().optional().meta({
      unset: "the template's",
      description: 'Character set; it cannot be changed later.',
      example: 'UTF8',
    }),
    locale: text().optional().meta({
      unset: "the template's",
      description: 'Sets lc_collate and lc_ctype; it cannot be changed later.',
      example: 'C.UTF-8',
    }),
    lc_collate: text()
      .optional()
      .meta({ unset: "`locale`, or the template's", description: 'Order of texts.', example: 'en_GB.UTF-8' }),
    lc_ctype: text().optional().meta({
      unset: "`locale`, or the template's",
      description: 'Classes of characters.',
      example: 'en_GB.UTF-8',
    }),
    locale_provider: choice('libc', 'icu', 'builtin').optional().meta({
      unset: "the template's",
      description:
        'Whose rules texts are compared by (PostgreSQL 15; `builtin` from 17 on); it cannot be changed later.',
      example: 'icu',
    }),
    icu_locale: text().optional().meta({
      unset: "the template's",
      description: 'Locale of the provider icu, as a language tag.',
      example: 'en-GB',
    }),
    builtin_locale: text()
      .optional()
      .meta({ unset: "the template's", description: 'Locale of the provider builtin.', example: 'C.UTF-8' }),
    template: identifier.optional().meta({
      unset: 'template0 where encoding or locale are given, else template1',
      description: 'Database to copy.',
      example: 'template0',
    }),
    connection_limit: integer(-1).optional().meta({
      unset: 'left as it is; -1 for a new one',
      description: 'How many connections there may be at the same time; -1 for no limit.',
      example: 50,
    }),
    allow_connections: flag().optional().meta({
      unset: 'left as it is; true for a new one',
      description: 'Whether anybody may connect to it.',
      example: true,
    }),
    is_template: flag().optional().meta({
      unset: 'left as it is; false for a new one',
      description: 'Whether roles with CREATEDB may copy it. A template is not dropped.',
      example: false,
    }),
    confirm: text().optional().meta({
      unset: 'needed with `state: absent`',
      description: 'With `state: absent`: the name of the database, said again.',
      example: 'app',
    }),
    force: flag().default(false).meta({
      description: 'With `state: absent`: end the sessions of others that use the database.',
    }),
  })
  .refine(({ state, name, confirm }) => state === 'present' || confirm === name, {
    error: 'dropping a database needs `confirm` with the same name',
    path: ['confirm'],
  })
export type Params = z.infer<typeof params>
