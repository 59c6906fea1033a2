import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { placeOfVariables, writeVariables } from '../../../runner/adopt/host-vars.ts'
import { scratch } from '../load/inventory/scratch.ts'

it('makes the file anew, for all to read', async () => {
  const folder = scratch({})
  const before = process.umask(0o077)
  try {
    const path = placeOfVariables(folder, 'db1')
    await writeVariables(path, 'db1', 'pg_version: 15\n')
    expect(path).toBe(join(folder, 'host_vars/db1.yaml'))
    expect(readFileSync(path, 'utf8')).toBe('pg_version: 15\n')
    expect(statSync(path).mode & 0o777).toBe(0o644)
  } finally {
    process.umask(before)
  }
})

it.each(['db1', 'db1.yml', 'db1.yaml', 'db1.json'])('never overwrites host_vars/%s', async (name) => {
  const folder = scratch({ [`host_vars/${name}`]: 'mine: 1\n' })
  expect(() => placeOfVariables(folder, 'db1')).toThrow(/is there already, and is not overwritten/)
  expect(readFileSync(join(folder, 'host_vars', name), 'utf8')).toBe('mine: 1\n')
})

it('nor what came to be meanwhile', async () => {
  const folder = scratch({})
  const path = placeOfVariables(folder, 'db1')
  mkdirSync(join(folder, 'host_vars'))
  writeFileSync(path, 'mine: 1\n')
  await expect(writeVariables(path, 'db1', 'x')).rejects.toThrow(/is there already/)
  expect(readFileSync(path, 'utf8')).toBe('mine: 1\n')
})

it('takes no host for a path', () => {
  expect(() => placeOfVariables(scratch({}), '../db1')).toThrow(/no name of a file/)
})
