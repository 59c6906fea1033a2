import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
// @ts-expect-error: a script of the build, without types
import { writeSources } from '../../build/sources.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
let checkout: string

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'play-stale-'))
  for (const folder of ['dist', 'runner']) mkdirSync(join(checkout, folder))
  copyFileSync(join(root, 'build/launch.js'), join(checkout, 'dist/play.js'))
  writeFileSync(join(checkout, 'dist/package.json'), '{ "type": "commonjs" }')
  writeFileSync(join(checkout, 'package.json'), '{ "version": "1.2.3" }')
  writeFileSync(join(checkout, 'runner/main.ts'), '')
})
afterAll(() => rmSync(checkout, { recursive: true, force: true }))

const sources = (watched: string[]) =>
  writeFileSync(join(checkout, 'dist/sources.json'), JSON.stringify({ began: 1_700_000_000_000, watched }))
const touch = (path: string, seconds: number) => utimesSync(join(checkout, path), seconds, seconds)
const start = () => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(checkout, 'dist/play.js'), '--version'], {
    encoding: 'utf8',
  })
  expect(stdout).toBe('play 1.2.3\n')
  return stderr
}

beforeEach(() => {
  sources(['runner/main.ts', 'runner'])
  touch('runner/main.ts', 1_600_000_000)
  touch('runner', 1_600_000_000)
})

it('says nothing where the build is newer than the sources', () => {
  expect(start()).toBe('')
})

it.each(['runner/main.ts', 'runner'])('says in one line that %s changed after the build', (path) => {
  touch(path, 1_700_000_001)
  expect(start()).toBe(`dist is older than ${path}; npm run build\n`)
})

it('says nothing in an installed package, where there is no list, or no sources', () => {
  sources(['modules/gone.ts', 'modules'])
  expect(start()).toBe('')
  rmSync(join(checkout, 'dist/sources.json'))
  expect(start()).toBe('')
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(files).toContain('!dist/sources.json')
})

it('watches the folders and the newest files of the bundle, not hundreds of files', async () => {
  const path = join(checkout, 'list.json')
  const inputs = ['runner/main.ts', 'contract/module.ts', 'node_modules/zod/index.js', '(disabled):x']
  await writeSources(path, 5, inputs)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    began: 5,
    watched: expect.arrayContaining(['runner/main.ts', 'contract/module.ts', 'runner', 'contract']),
  })
  expect(readFileSync(path, 'utf8')).not.toContain('node_modules')
})
