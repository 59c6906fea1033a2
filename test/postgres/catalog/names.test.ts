import { describe, expect, it } from 'vitest'
import { formatType } from '../../../modules/postgres/pg-table/types.ts'
import { identifier, parseQualified, qualifiedName } from '../../../postgres/catalog/names.ts'
import { slotNameFor } from '../../../postgres/subscription/slot-name.ts'

describe('names', () => {
  it.each([
    ['test', 'public', 'test'],
    ['a.b', 'a', 'b'],
    ['a.b.c', 'a', 'b.c'],
    ['public.we"ird; drop', 'public', 'we"ird; drop'],
    ['"a.b"."c""d"', 'a.b', 'c"d'],
    ['"a.b"', 'public', 'a.b'],
  ])('of tables: %s', (text, schema, name) => {
    expect(parseQualified(text)).toEqual({ schema, name })
  })

  it('are refused where PostgreSQL would cut them off', () => {
    expect(identifier.safeParse('é'.repeat(31)).success).toBe(true)
    for (const name of ['', 'é'.repeat(32), 'a\0b']) expect(identifier.safeParse(name).success).toBe(false)
    expect(qualifiedName.safeParse('a.').success).toBe(false)
  })

  it('of slots hold what slots may hold, and differ for each subscriber', () => {
    expect(slotNameFor('vm-2.example', 'we"ird; drop')).toBe('vm_2_example_we_ird__drop')
    const [one, two] = ['a', 'b'].map((last) => slotNameFor('h'.repeat(60), `subscription_${last}`))
    expect(one).toMatch(/^[a-z0-9_]{63}$/)
    expect(one).not.toBe(two)
  })
})

describe('types', () => {
  it.each([
    ['INT', 'integer'],
    ['int[3][]', 'integer[]'],
    ['varchar( 10 )', 'character varying(10)'],
    ['char', 'character(1)'],
    ['bpchar', 'bpchar'],
    ['timestamptz(3)', 'timestamp(3) with time zone'],
    ['timestamp', 'timestamp without time zone'],
    ['numeric(10)', 'numeric(10,0)'],
    ['numeric(10, 2)[]', 'numeric(10,2)[]'],
    ['float(5)', 'real'],
    ['float(30)', 'double precision'],
    ['public.Mood', 'public.mood'],
    ['pg_catalog.INT4', 'integer'],
    ['"My Type"', '"My Type"'],
    ['interval day to second(3)', 'interval day to second(3)'],
  ])('%s is %s to format_type()', (text, formatted) => {
    expect(formatType(text)).toBe(formatted)
  })
})
