import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import type { Connection } from '../../../runner/hosts/types.ts'
import { readFile } from '../../../runner/run/files/read.ts'
import { PathReads } from '../../../runner/run/path-reads.ts'

let host: Connection
let dir: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'play-paths-'))
  host = await connect(connectionSpec('localhost', {}, {}))
})
afterAll(async () => {
  await host.close()
  rmSync(dir, { recursive: true, force: true })
})

const NAMES = ['plain', 'with space', 'new\nline', 'back\\slash', "quo'te", '-n', 'é', '100% \\0 %s']

it('tells each of many paths apart, whatever their names', async () => {
  for (const [index, name] of NAMES.entries()) writeFileSync(join(dir, name), 'x'.repeat(index))
  const reads = new PathReads(host, undefined)
  const all = await Promise.all(
    NAMES.map((name) => Promise.all([reads.stat(join(dir, name)), reads.sha256(join(dir, name))])),
  )
  expect(all.map(([stat]) => stat?.size)).toEqual(NAMES.map((_, index) => index))
  expect(new Set(all.map(([, hash]) => hash)).size).toBe(NAMES.length)
  expect(all[0]![1]).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

it('says null of what is not there, beside what is', async () => {
  mkdirSync(join(dir, 'folder'))
  symlinkSync('plain', join(dir, 'link'))
  writeFileSync(join(dir, 'there'), '')
  const reads = new PathReads(host, undefined)
  const ask = (path: string) => Promise.all([reads.stat(join(dir, path)), reads.sha256(join(dir, path))])
  const [there, gone, below, folder, link] = await Promise.all(
    ['there', 'gone', 'there/below', 'folder', 'link'].map(ask),
  )
  expect(there![0]).toMatchObject({ type: 'file', mode: expect.stringMatching(/^0/) })
  expect([gone, below]).toEqual([
    [null, null],
    [null, null],
  ])
  expect([folder![0]?.type, folder![1]]).toEqual(['directory', null])
  expect(link![0]).toMatchObject({ type: 'link', target: 'plain' })
})

it('answers for thousands of paths at once', async () => {
  const long = 'y'.repeat(150)
  const reads = new PathReads(host, undefined)
  const paths = Array.from({ length: 3000 }, (_, index) => join(dir, `${long}${index}`))
  writeFileSync(paths[2999]!, '')
  const found = await Promise.all(paths.map((path) => reads.stat(path)))
  expect(found.findIndex((stat) => stat !== null)).toBe(2999)
})

it('knows owners and groups whose names hold blanks', async () => {
  const hex = (text: string) => Buffer.from(text).toString('hex')
  const look = async () => `= 33188 1000 1000 5 1 ${hex('DOM\\user name')} ${hex('domain users')} `
  const windows = new PathReads({ look }, undefined)
  expect(await windows.stat('/x')).toMatchObject({ owner: 'DOM\\user name', group: 'domain users', size: 5 })
})

it.runIf(process.getuid?.() === 0)('what a user may not read is told with what to try', async () => {
  chmodSync(dir, 0o755)
  const path = join(dir, 'of root')
  writeFileSync(path, 'x', { mode: 0o600 })
  await expect(readFile(path, host, 'nobody')).rejects.toMatchObject({
    message: `cannot read ${path}: Permission denied`,
    hint: 'Does the task need `become: true`?',
  })
})
