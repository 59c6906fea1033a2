import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { PlayErrors } from '../../../../runner/errors.ts'
import { loadInventory } from '../../../../runner/load/inventory.ts'

/** What it makes is compared with ansible-inventory in oracle.test.ts; here is what is wrong in one. */
const dir = mkdtempSync(join(tmpdir(), 'play-constructed-'))
afterAll(() => rmSync(dir, { recursive: true }))

const HOSTS = '[web]\nh1 size=8\nh2 size=2\n'
const load = (text: string, extraVars = {}) => {
  writeFileSync(join(dir, 'hosts'), HOSTS)
  writeFileSync(join(dir, 'made.yaml'), `plugin: constructed\n${text}`)
  return loadInventory([join(dir, 'hosts'), join(dir, 'made.yaml')], [], true, extraVars)
}
const errors = (text: string) => {
  try {
    load(text)
    return []
  } catch (error) {
    return (error as PlayErrors).errors.map(({ message, pos }) => `${pos?.line}:${pos?.col} ${message}`)
  }
}

test.each([
  ['compse: {}\n', ['2:1 constructed has no compse']],
  ['compose: [a]\n', ['2:10 compose of constructed is a mapping, not a list']],
  ['keyed_groups: { key: a }\n', ['2:15 keyed_groups of constructed is a list, not a mapping']],
  ['keyed_groups: [{ kye: a }]\n', ['2:18 keyed_groups has no kye']],
  ['keyed_groups: [{ prefix: a }]\n', ['2:16 key of keyed_groups is an expression, not nothing']],
  [
    'keyed_groups: [{ key: size }]\n',
    ['2:16 a group is named after a text, a list or a mapping, not a number'],
  ],
  [
    'keyed_groups: [{ key: a, default_value: x, trailing_separator: false }]\n',
    ['2:16 default_value and trailing_separator exclude each other'],
  ],
  [
    "compose: { a: \"'{' ~ '{ size }}'\" }\n",
    ['2:16 a of h1 would hold {{ or {%', '2:16 a of h2 would hold {{ or {%'],
  ],
  ['strict: true\ncompose: { a: nothing.there }\n', ['3:15 the variable nothing is not defined']],
])('%j is told once, with its place', (text, expected) => {
  expect(errors(text).filter((one, at, all) => all.indexOf(one) === at)).toEqual(expected)
})

test('what cannot be read is an error, strict or not', () => {
  expect(errors('groups: { large: size > }\ncompose: { a: "b |" }\n')).toHaveLength(2)
})

test('a circle of groups is told at the entry that makes it', () => {
  const [error] = errors(
    'keyed_groups:\n  - { key: "[\'a\']", separator: "", parent_group: b }\n  - { key: "[\'b\']", separator: "", parent_group: a }\n',
  )
  expect(error).toMatch(/^[34]:/)
})

test('-e counts where it is asked for', () => {
  const group = 'groups: { named: wanted is defined }\n'
  expect(load(group, { wanted: 1 }).groups.has('named')).toBe(false)
  expect(load(`use_extra_vars: true\n${group}`, { wanted: 1 }).groups.get('named')?.hosts).toEqual([
    'h1',
    'h2',
  ])
})
