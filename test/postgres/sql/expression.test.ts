import { describe, expect, it } from 'vitest'
import { formatType, isOneType } from '../../../modules/postgres/pg-table/types.ts'
import { oneQuery } from '../../../postgres/sql/one-query.ts'
import { whyNoExpression } from '../../../postgres/sql/statements.ts'

describe('SQL of the user that stands inside a statement of ours', () => {
  it.each([
    'id > 10',
    "city = 'a;b)' and (x or y)",
    "note = E'it\\'s;' or tag = $$;)$$ or \"odd;)\" is null",
    'a[1] = any (array[1, 2])',
    'x -- a comment ;)\n and y /* ; ) /* nested */ */',
    "now() - interval '1 day'",
    '$1',
  ])('may be %j', (text) => expect(whyNoExpression(text)).toBeUndefined())

  it.each([
    ['true); commit; begin read write; alter role app superuser; select (1', 'a ) that nothing opens'],
    ['true; drop table x', 'a semicolon'],
    ["x = 'a", 'a quote that is never closed'],
    ["x = E'a\\'", 'a quote that is never closed'],
    ['x = "a', 'a quote that is never closed'],
    ["'a''", 'a quote that is never closed'],
    ['x = $tag$ a', 'a dollar quote that is never closed'],
    ['x /* a', 'a comment that is never closed'],
    ['x /* a /* b */', 'a comment that is never closed'],
    ['(x', 'a ( that is never closed'],
    ['x)', 'a ) that nothing opens'],
    ['(x]', 'a ] that nothing opens'],
    ['a[1', 'a [ that is never closed'],
  ])('may not be %j', (text, why) => expect(whyNoExpression(text)).toBe(why))
})

describe('a query of the user that is run while only looking', () => {
  it.each([
    'select 1;',
    " -- why\n select from t where x = ';'",
    '(values (1))',
    'with x as (select 1) select * from x',
    'explain select 1',
    'explain (format json) select 1',
    'table t',
    'show all',
  ])('may be %j', (text) => expect(oneQuery(text, 'it')).not.toMatch(/;\s*$/))

  it.each([
    ['select 1; commit; begin read write; alter role app superuser', /it holds 4 statements/],
    ['insert into t values (1) returning 1', /INSERT does more than read/],
    ['explain analyze insert into t values (1)', /EXPLAIN ANALYZE does more/],
    ['explain (verbose, analyse) select 1', /EXPLAIN ANALYZE does more/],
    ['/* a comment */ explain -- another\n analyze select 1', /EXPLAIN ANALYZE does more/],
    ['explain verbose /* x */ analyze select 1', /EXPLAIN ANALYZE does more/],
    ['do $$ begin end $$', /DO does more/],
    ["copy t to program 'x'", /COPY does more/],
    ['set role x', /SET does more/],
    ['commit', /COMMIT does more/],
    [' ; ', /nothing in it/],
  ])('may not be %j', (text, why) => expect(() => oneQuery(text, 'it')).toThrow(why))
})

describe('the type of a column', () => {
  it.each([
    'int',
    'numeric(10, 2)',
    'text[]',
    'text ARRAY',
    'int array[3]',
    'double precision',
    'character varying(10)[]',
    'timestamp(3) with time zone',
    'timestamptz',
    'interval day to second',
    'public."my type"',
    'geometry(Point,4326)',
    'bit varying(5)',
  ])('may be %j', (text) => expect(isOneType(text)).toBe(true))

  it.each([
    'int, add column x int',
    'int primary key',
    'int default 1',
    'int; drop table x',
    'text) --',
    'int null',
    '',
  ])('may not be %j', (text) => expect(isOneType(text)).toBe(false))
  it('is compared as PostgreSQL writes it', () => {
    expect(['text ARRAY', 'int array[3]', 'INT[]'].map(formatType)).toEqual([
      'text[]',
      'integer[]',
      'integer[]',
    ])
  })
})
