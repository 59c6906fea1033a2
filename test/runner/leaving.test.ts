import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, type Ran, root } from '../support/command.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-leaving-'))
  writeFileSync(join(dir, 'site.yaml'), '- hosts: all\n  tasks:\n    - debug: { msg: hello }\n')
  // A file that is never read to its end, as a promise that nobody settles.
  writeFileSync(
    join(dir, 'stuck.mjs'),
    "import fs from 'node:fs/promises'\nimport { syncBuiltinESMExports } from 'node:module'\n" +
      'const { readFile } = fs\n' +
      "fs.readFile = (path, ...rest) => (String(path).endsWith('password') ? new Promise(() => {}) : readFile(path, ...rest))\n" +
      'syncBuiltinESMExports()\n',
  )
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const play = (args: string[], before: string[] = []): Promise<Ran> =>
  command([process.execPath, ...before, '--import', 'tsx', join(root, 'runner/main.ts'), ...args], {
    timeout: 150,
  })

test('a run that nothing can wake any more fails with a message, and not with 0 and silence', async () => {
  const args = [join(dir, 'site.yaml'), '-i', 'h1,', '--become-password-file', join(dir, 'password')]
  const ran = await play(args, ['--import', join(dir, 'stuck.mjs')])
  expect(ran.stdout).not.toContain('PLAY RECAP')
  expect(ran.stderr).toContain('error[internal]')
  expect(ran.code).toBe(250)
}, 180_000)

test('a run that has printed its recap ends with 0', async () => {
  const ran = await play([join(dir, 'site.yaml'), '-i', 'h1,', '-e', 'ansible_connection=local', '--no-lock'])
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toContain('PLAY RECAP')
}, 180_000)
