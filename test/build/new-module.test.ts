import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { namesOf, newModule } from '../../build/new-module.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
const PARTS = [
  'package.json',
  'biome.json',
  '.gitignore',
  'vitest.config.ts',
  'tsconfig.json',
  'build',
  'docs',
]
const FOLDERS = ['contract', 'modules', 'postgres', 'runner', 'test/oracle', 'test/support']
let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'play-new-module-'))
  for (const part of [...PARTS, ...FOLDERS]) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const text = (path: string) => readFileSync(join(copy, path), 'utf8')
const run = (program: string, ...argv: string[]) =>
  spawnSync(join('node_modules/.bin', program), argv, { cwd: copy, encoding: 'utf8' })

it('makes a module that is registered, documented and formatted, with tests that pass', () => {
  const made = run('tsx', 'build/new-module.ts', 'system/toy-thing')
  expect(made.stderr).toBe('')
  expect(text('modules/registry.ts')).toContain("import { toyThingModule } from './system/toy-thing.ts'")
  expect(text('modules/registry.ts')).toMatch(
    /tlsCertificateModule,\n {2}toyThingModule,\n {2}validateArgumentSpecModule,/,
  )
  expect(text('docs/modules.md')).toContain('\n## toy_thing\n')
  const files = [
    'modules/registry.ts',
    'modules/system/toy-thing.ts',
    'test/modules/system/toy-thing.test.ts',
  ]
  expect(run('biome', 'check', '--error-on-warnings', ...files)).toMatchObject({ status: 0 })
  expect(run('vitest', 'run', '--project', 'unit', files[2]!).stdout).toMatch(/Tests .*3 passed/)
})

it('puts a module of PostgreSQL into its group', () => {
  newModule(copy, 'postgres/pg_toy')
  expect(text('modules/registry.ts')).toMatch(/pgTimelineModule,\n {2}pgToyModule,\n {2}sqlModule,/)
  expect(text('modules/postgres/pg-toy.ts')).toContain("name: 'pg_toy'")
})

it.each(['files/stat', 'files/copy', 'postgres/stat'])('leaves %s alone, which is there', (path) => {
  const before = text('modules/registry.ts')
  expect(() => newModule(copy, path)).toThrow(/there already|has a statModule already/)
  expect(text('modules/registry.ts')).toBe(before)
  expect(existsSync(join(copy, 'modules/postgres/stat.ts'))).toBe(false)
})

it.each([undefined, 'toy', 'nowhere/toy', 'system/Toy', '../toy', 'system/toy.ts'])(
  'says what it takes instead of %s',
  (path) => {
    expect(() => namesOf(root, path)).toThrow(/such as system\/hostname; found/)
  },
)
