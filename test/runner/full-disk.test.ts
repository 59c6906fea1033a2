import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoteWords } from '../../contract/quote.ts'
import { command, type Ran, root } from '../support/command.ts'
import { runLocally } from '../support/local-run.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-full-'))
  writeFileSync(join(dir, 'site.yaml'), '- hosts: all\n  tasks:\n    - debug: { msg: hello }\n')
  writeFileSync(join(dir, 'password'), 'secret\n')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const WORDS = [process.execPath, '--import', 'tsx', join(root, 'runner/main.ts')]
const toFull = (args: readonly string[], input?: string): Promise<Ran> =>
  command(['sh', '-c', `${quoteWords([...WORDS, ...args])} >/dev/full`], { input, timeout: 150 })

const site = () => [join(dir, 'site.yaml'), '-i', 'h1,']
const CASES: Record<string, () => string[]> = {
  '--version': () => ['--version'],
  '--help': () => ['--help'],
  '--list-tasks': () => [...site(), '--list-tasks'],
  '--list-hosts': () => [...site(), '--list-hosts'],
  '--list-tags': () => [...site(), '--list-tags'],
  '--syntax-check': () => [...site(), '--syntax-check'],
  'vault encrypt': () => ['vault', 'encrypt', '--vault-password-file', join(dir, 'password')],
}

test.each(Object.entries(CASES))(
  '%s to a full disk is no success, and says so',
  async (_, args) => {
    const ran = await toFull(args(), 'text')
    expect(ran.stderr).toMatch(/^error\[output\]: what was asked for could not be written: .*ENOSPC/)
    expect(ran.stderr).not.toContain('    at ')
    expect(ran.code).toBe(4)
  },
  180_000,
)

test('a folder that is gone is named, and nothing is begun in it', async () => {
  const gone = join(dir, 'gone.mjs')
  const folder = JSON.stringify(join(dir, 'gone'))
  writeFileSync(
    gone,
    `import { mkdirSync, rmdirSync } from 'node:fs'\nmkdirSync(${folder})\nprocess.chdir(${folder})\nrmdirSync(${folder})\n`,
  )
  const [node, ...words] = WORDS
  const argv = [node!, ...words.slice(0, 2), '--import', gone, ...words.slice(2), 'x.yaml']
  const ran = await command(argv, { timeout: 150 })
  expect(ran.stderr).toMatch(/^error\[file\]: the folder that play was started in is gone/)
  expect(ran.code).toBe(4)
}, 180_000)

test('a link of a folder of this machine that leads nowhere is named, and nothing of the folder is copied', async () => {
  const { results } = await runLocally(
    '- hosts: all\n  gather_facts: false\n  tasks:\n    - copy: { src: tree, dest: "{{ dir }}/copied/" }\n',
    {
      files: { 'tree/file': 'x' },
      onEvent(event) {
        if (event.event === 'task_start') symlinkSync('nowhere', `${treeOf(event.at)}/tree/link`)
      },
    },
  )
  expect(results[0]).toMatchObject({ status: 'failed', error: { code: 'task' } })
  expect(results[0]!.message).toMatch(/tree\/link is a link to nowhere, where nothing is/)
}, 60_000)

/** The folder of a playbook, of a place in it. */
const treeOf = (at: string): string => at.slice(0, at.lastIndexOf('/'))
