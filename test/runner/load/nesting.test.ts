import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { PlayErrors } from '../../../runner/errors.ts'
import { loadPlaybooks } from '../../../runner/load/playbook.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-nesting-'))
  return () => rmSync(dir, { recursive: true })
})
const write = (name: string, text: string) => writeFileSync(join(dir, name), text)

/** What is wrong with `site.yaml`: message and place. */
function complaints(): string[] {
  try {
    loadPlaybooks([join(dir, 'site.yaml')], { modules: new Map([['ping', { name: 'ping' }]]), extraVars: {} })
    return []
  } catch (error) {
    if (!(error instanceof PlayErrors)) throw error
    return error.errors.map(({ message, pos }) => `${pos?.file.split('/').at(-1)}:${pos?.line}: ${message}`)
  }
}
const site = (tasks: string) => write('site.yaml', `- hosts: all\n  tasks:\n    ${tasks}\n`)

test('three thousand files that import each other are one error with its place, in a moment', () => {
  site('- import_tasks: t0.yaml')
  for (let n = 0; n < 3000; n += 1)
    write(`t${n}.yaml`, `- ping:\n${n < 2999 ? `- import_tasks: t${n + 1}.yaml\n` : ''}`)
  const started = process.cpuUsage().user
  expect(complaints()).toEqual(['t98.yaml:2: more than 100 files import each other'])
  expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(5)
})

test('playbooks likewise', () => {
  write('site.yaml', '- import_playbook: p0.yaml\n')
  for (let n = 0; n < 200; n += 1) write(`p${n}.yaml`, `- import_playbook: p${n + 1}.yaml\n`)
  expect(complaints()).toEqual(['p98.yaml:1: more than 100 files import each other'])
})

test.each(['import_tasks', 'include_tasks'])(
  'files that %s the next one twice come to an end',
  (kind) => {
    site(`- ${kind}: t0.yaml`)
    for (let n = 0; n < 40; n += 1) write(`t${n}.yaml`, `- ${kind}: t${n + 1}.yaml\n`.repeat(2))
    write('t40.yaml', '- ping:\n')
    expect(complaints()).toEqual([
      expect.stringMatching(/^t\d+\.yaml:\d: the imports of this playbook are more than 10000 files$/),
    ])
  },
  120_000,
)

test('a circle of files names the import that closes it', () => {
  site('- import_tasks: a.yaml')
  write('a.yaml', '- import_tasks: b.yaml\n')
  write('b.yaml', '- ping:\n- import_tasks: a.yaml\n')
  expect(complaints()).toEqual([expect.stringMatching(/^b\.yaml:2: .*a\.yaml imports itself$/)])
})

test('a hundred inside each other are read', () => {
  site('- import_tasks: t0.yaml')
  for (let n = 0; n < 98; n += 1) write(`t${n}.yaml`, `- import_tasks: t${n + 1}.yaml\n`)
  write('t98.yaml', '- ping:\n')
  expect(complaints()).toEqual([])
})
