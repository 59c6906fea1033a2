import { describe, expect, it } from 'vitest'
import { refusePsqlOnly } from '../../../modules/postgres/sql/refuse.ts'
import { firstWord, splitStatements } from '../../../postgres/sql/statements.ts'

describe('splitting a script', () => {
  it.each([
    ['plain statements', 'select 1; select 2 ;\n', ['select 1', 'select 2']],
    ['a last one without semicolon', 'select 1;select 2', ['select 1', 'select 2']],
    ['comments and blanks alone', ' -- ; \n/* ; /* ; */ ; */ ;; ', []],
    [
      'strings',
      "select ';', 'it''s;', e'\\';' , U&';';select 2",
      ["select ';', 'it''s;', e'\\';' , U&';'", 'select 2'],
    ],
    ['a backslash that is none in a plain string', "select '\\'; select 2", ["select '\\'", 'select 2']],
    ['quoted names', 'select 1 as "we""ird; drop"; select 2', ['select 1 as "we""ird; drop"', 'select 2']],
    [
      'dollar quotes',
      'do $$ begin; $x$ $$; do $x$ $$; ; $x$; select a$b$c; select 2',
      ['do $$ begin; $x$ $$', 'do $x$ $$; ; $x$', 'select a$b$c', 'select 2'],
    ],
    ['parameters, which open nothing', 'select $1; select $2', ['select $1', 'select $2']],
    [
      'SQL function bodies',
      'create function f() begin atomic select case when true then 1 end; select 2; end; select 3',
      ['create function f() begin atomic select case when true then 1 end; select 2; end', 'select 3'],
    ],
    ['transactions', 'begin; select 1; end; select 2', ['begin', 'select 1', 'end', 'select 2']],
    ['a comment inside', 'select 1 -- no; end\n; select 2', ['select 1 -- no; end', 'select 2']],
    ['what never ends', "select 'open; select 2", ["select 'open; select 2"]],
  ])('keeps %s', (_, text, statements) => {
    expect(splitStatements(text)).toEqual(statements)
  })

  it('finds the first word past comments and parentheses', () => {
    expect(firstWord('/* a */ -- b\n ((SELECT 1))')).toBe('select')
    expect(firstWord('')).toBe('')
  })

  it('refuses what is for psql', () => {
    expect(() => refusePsqlOnly(['\\i other.sql'], 'script a.sql')).toThrow(/command of psql/)
    expect(() => refusePsqlOnly(['copy t (a) from STDIN'], 'script a.sql')).toThrow(/FROM STDIN/)
    refusePsqlOnly(["select '\\i'", 'copy t from program $$ls$$'], 'script a.sql')
  })
})

it('reads blanks and the ends of lines as the server does', () => {
  expect(splitStatements('select 1 -- one\r; select 2')).toEqual(['select 1 -- one', 'select 2'])
  expect(splitStatements('select 1 as\u00a0; select 2')).toHaveLength(2)
  expect(firstWord('\u00a0select 1')).not.toBe('select')
})

it('reads a backslash in a plain string as it is told to', () => {
  const text = String.raw`insert into x values ('it\'s; here'); select 1`
  expect(splitStatements(text, true)).toEqual([String.raw`insert into x values ('it\'s; here')`, 'select 1'])
  expect(splitStatements(String.raw`select '\'; select 2`)).toHaveLength(2)
})
