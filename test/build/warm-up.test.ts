import { expect, it } from 'vitest'
import { parse } from 'yaml'
// @ts-expect-error: a script of the build, without types
import { LIST, overSsh, PLAYBOOK } from '../../build/warm-up.mjs'

it('the build runs nothing on the machine that builds but looks and commands that do nothing', () => {
  expect(LIST).toContain('--list-tasks')
  // No inventory but its own, so that nothing else is a host.
  expect(overSsh('/tmp/x')).toEqual(['/tmp/x/playbook.yaml', '-i', '/tmp/x/hosts.yaml', '--no-lock'])
  const [play, ...others] = parse(PLAYBOOK)
  expect(others).toEqual([])
  const { hosts, tasks } = play
  expect(hosts).toBe('here')
  const keywords = ['name', 'register', 'when', 'loop', 'changed_when']
  const modules = tasks.flatMap((task: object) =>
    Object.entries(task).filter(([key]) => !keywords.includes(key)),
  )
  expect(modules.filter(([name]: [string]) => !['stat', 'debug'].includes(name))).toEqual([
    ['command', '/bin/true'],
    ['shell', 'echo {{ inventory_hostname }}'],
  ])
  expect(Object.keys(play).sort()).toEqual(['gather_facts', 'hosts', 'tasks'])
})
