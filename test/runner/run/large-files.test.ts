import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-large-'))
  writeFileSync(join(dir, 'image'), Buffer.alloc(20 * 1024 * 1024, 'some of it '))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const copy = (...args: string[]) =>
  runLocally(
    `- hosts: all
  gather_facts: false
  tasks:
    - { name: a, copy: { src: ${dir}/image, dest: ${dir}/copy } }
    - { name: b, copy: { src: ${dir}/image, dest: ${dir}/copy } }
`,
    { args },
  )

it('a large file is streamed where it is missing or differs, in size or in one byte', async () => {
  expect((await copy('--check')).lines).toEqual(['h1 a changed', 'h1 b ok'])
  const first = await copy()
  expect(first.lines).toEqual(['h1 a changed', 'h1 b ok'])
  expect(first.results[0]!.changes).toEqual([{ path: `${dir}/copy`, before: null, after: '20971520 bytes' }])
  expect(readFileSync(join(dir, 'copy')).equals(readFileSync(join(dir, 'image')))).toBe(true)
  expect(statSync(join(dir, 'copy')).mode & 0o7777).toBe(0o644)
  const file = openSync(join(dir, 'copy'), 'r+')
  writeSync(file, 'X', 12_345_678)
  expect((await copy('--check')).lines).toEqual(['h1 a changed', 'h1 b ok'])
  expect((await copy()).lines).toEqual(['h1 a changed', 'h1 b ok'])
  writeFileSync(join(dir, 'copy'), 'short')
  expect((await copy()).lines).toEqual(['h1 a changed', 'h1 b ok'])
  expect((await copy('--check')).lines).toEqual(['h1 a ok', 'h1 b ok'])
}, 60_000)
