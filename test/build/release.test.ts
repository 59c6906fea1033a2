import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const script = fileURLToPath(new URL('../../build/release.mjs', import.meta.url))
let folder: string
let tree: string

const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { cwd: tree, encoding: 'utf8', env: { ...process.env, HOME: folder } })
const git = (...args: string[]) => run('git', ...args).stdout.trim()
const release = (...args: string[]) => run(process.execPath, script, ...args)
const read = (path: string) => readFileSync(join(tree, path), 'utf8')
const write = (path: string, text: string) => writeFileSync(join(tree, path), text)
const commit = () => git('add', '-A') + git('commit', '--quiet', '-m', 'x')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'play-release-'))
  tree = join(folder, 'tree')
  mkdirSync(tree)
  git('init', '--quiet')
  git('config', 'user.name', 'Somebody')
  git('config', 'user.email', 'somebody@example.org')
  const file = { name: 'play', version: '0.1.0' }
  write('package.json', `${JSON.stringify(file, null, 2)}\n`)
  const lock = { ...file, lockfileVersion: 3, packages: { '': file } }
  write('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
  write('.gitignore', '*.tgz\n')
  write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.1.0\n\n- Old.\n')
  commit()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('makes changelog, version, commit, tag and tarball', () => {
  expect(release('0.2.0')).toMatchObject({ status: 0, stderr: '' })
  expect(read('CHANGELOG.md')).toMatch(
    /^# Changelog\n\n## 0\.2\.0, \d{4}-\d\d-\d\d\n\n- New\.\n\n## 0\.1\.0\n\n- Old\.\n$/,
  )
  expect(JSON.parse(read('package.json')).version).toBe('0.2.0')
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({
    version: '0.2.0',
    packages: { '': { version: '0.2.0' } },
  })
  expect(git('log', '-1', '--format=%s')).toBe('Release 0.2.0')
  expect(git('describe', '--exact-match')).toBe('v0.2.0')
  expect(git('status', '--porcelain')).toBe('')
  expect(existsSync(join(tree, 'play-0.2.0.tgz'))).toBe(true)
})

it('--dry-run says what it would do, and does nothing', () => {
  const { stdout, status } = release('0.2.0', '--dry-run')
  expect(status).toBe(0)
  expect(stdout.match(/^would do: /gm)).toHaveLength(5)
  expect(git('log', '--format=%s')).toBe('x')
  expect(git('status', '--porcelain') + git('tag')).toBe('')
})

it.each<[string, string[], RegExp, () => void]>([
  ['no version', [], /expected a version such as 0\.2\.0, found ''/, () => {}],
  ['a tree that is not clean', ['0.2.0'], /tree is not clean/, () => write('new', '')],
  ['a tag that is there', ['0.2.0'], /tag v0\.2\.0 is there already/, () => git('tag', 'v0.2.0')],
  [
    'a changelog without news',
    ['0.2.0'],
    /no section '## Unreleased'/,
    () => {
      write('CHANGELOG.md', '# Changelog\n\n## 0.1.0\n')
      commit()
    },
  ],
  [
    'an empty section',
    ['0.2.0'],
    /is empty/,
    () => {
      write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n## 0.1.0\n')
      commit()
    },
  ],
])('refuses %s, and changes nothing', (_, args, message, arrange) => {
  arrange()
  const before = git('status', '--porcelain') + read('CHANGELOG.md')
  const { status, stderr } = release(...args)
  expect(status).toBe(1)
  expect(stderr).toMatch(message)
  expect(git('status', '--porcelain') + read('CHANGELOG.md')).toBe(before)
})
