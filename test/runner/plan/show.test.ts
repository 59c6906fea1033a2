import { afterEach, expect, it, vi } from 'vitest'
import { showCommand } from '../../../runner/commands/show.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import { playOf, useScratch } from './scratch.ts'

const scratch = useScratch()
afterEach(() => {
  vi.restoreAllMocks()
})

it('a plan is shown with where and as whom its tasks are done', async () => {
  scratch().write({
    hosts: 'a\nb ansible_connection=local\n',
    'site.yaml': playOf(
      'tasks:',
      '  - { name: first, copy: { dest: DIR/x, content: x } }',
      '  - { name: second, shell: id, become: true, become_user: nobody, changed_when: false }',
      '  - { name: third, shell: id, delegate_to: b }',
    ),
  })
  await scratch().check('-c', 'local', '-u', 'bob', '-l', 'a', '-e', 'x=secret-of-nobody')
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk, ...more: unknown[]) => {
    text += chunk
    for (const done of more) if (typeof done === 'function') done()
    return true
  })
  await showCommand(parseArguments(['show', scratch().path('plan.json'), '--no-color']))
  const { dir } = scratch()
  expect(text).toContain('0 destructive of 2 changes on 1 host')
  expect(text).toContain(`play ${dir}/site.yaml -i ${dir}/hosts -l a -e x=…\n`)
  expect(text).toContain('  transport: local\n')
  expect(text).toContain('  remote_user: bob\n')
  expect(text).toMatch(/^ {2}a: on this machine, login \S+$/m)
  expect(text).toMatch(/^ {2}a: on this machine, login \S+, as nobody$/m)
  expect(text).toMatch(/^ {2}a: on b, this machine, login \S+$/m)
  expect(text).toContain('  a: second: done, and counts as no change\n')
  expect(text).not.toContain('secret-of-nobody')
})
