import { expect, it } from 'vitest'
import { joinNames, splitNames } from '../../../../modules/postgres/pg-setting/list-quoted.ts'

it.each([
  ['a, B ,"C c"', ['a', 'b', 'C c'], 'a, b, "C c"'],
  ['"$user", public', ['$user', 'public'], '"$user", public'],
  ['"we""ird; drop"', ['we"ird; drop'], '"we""ird; drop"'],
  ['', [], '""'],
  ['a b', null, ''],
  ['a,', null, ''],
  ['"a', null, ''],
])('reads the list %j as the server does', (text, names, joined) => {
  expect(splitNames(text)).toEqual(names)
  if (names) expect(joinNames(names)).toBe(joined)
})
