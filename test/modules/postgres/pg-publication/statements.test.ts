import { expect, it } from 'vitest'
import { createStatement } from '../../../../modules/postgres/pg-publication/statements.ts'

it('says TABLE once, as servers up to 14 want it', () => {
  const table = (name: string) => ({ schema: 'public', name, columns: null, where: null })
  const wanted = {
    owner: 'postgres',
    all_tables: false,
    publish: ['insert'],
    publish_via_partition_root: false,
    publish_generated_columns: null,
    tables: [table('a'), table('we"ird; drop')],
    schemas: [],
  }
  expect(createStatement('p', wanted, [])).toBe(
    'CREATE PUBLICATION "p" FOR TABLE ONLY "public"."a", ONLY "public"."we""ird; drop"',
  )
})
