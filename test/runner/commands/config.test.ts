import { join } from 'node:path'
import { expect, test } from 'vitest'
import { helpText } from '../../../runner/cli.ts'
import { configCommand } from '../../../runner/commands/config.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import { scratch } from '../load/inventory/scratch.ts'
import { Sink } from '../report/reports.ts'

async function config(words: string[], files: Record<string, string>, env = {}): Promise<string> {
  const cwd = scratch(files)
  const sink = new Sink()
  const options = parseArguments(['config', ...words], { HOME: join(cwd, 'home'), ...env }, cwd)
  expect(await configCommand(options, sink)).toBe(0)
  return sink.text
}

const FILES = {
  'ansible.cfg': '[defaults]\nremote_user = bob\npipelining = True\nlookup_secret = hunter22\n',
  'pb/play.yaml': 'timeout: 4\nroles_path: [a, b]\n',
  'inventory/hosts': 'h1\n',
}

test('each setting stands with its value and where it comes from', async () => {
  const text = await config(['pb/site.yaml', '-f', '7'], FILES, { ANSIBLE_BECOME: '1' })
  const line = (name: string) => text.split('\n').find((one) => one.startsWith(`${name} `))
  for (const [name, value, from] of [
    ['forks', '7', '-f'],
    ['become', 'true', '\\$ANSIBLE_BECOME'],
    ['timeout', '4', 'pb/play.yaml:1'],
    ['roles_path', 'pb/a pb/b', 'pb/play.yaml:2'],
    ['remote_user', 'bob', 'ansible.cfg:2'],
    ['inventory', 'inventory', 'default'],
    ['private_key_file', '-', 'default'],
  ])
    expect(line(name!)).toMatch(new RegExp(`^${name} +${value} +${from}$`))
  expect(text).toContain('Read: pb/play.yaml, ansible.cfg\n')
})

test('what an ansible.cfg says that means nothing here is named, without its value', async () => {
  const text = await config([], FILES)
  expect(text).toContain(
    'Without effect here:\n    defaults.pipelining (ansible.cfg:3)\n    defaults.lookup_secret (ansible.cfg:4)\n',
  )
  expect(text).not.toContain('hunter22')
})

test('--json is for programs', async () => {
  const { settings, files, without_effect, warnings } = JSON.parse(
    await config(['--json', 'pb/site.yaml'], FILES),
  )
  expect(settings.timeout).toEqual({ value: 4, from: 'file', file: 'pb/play.yaml', line: 1, column: 10 })
  expect(settings.private_key_file).toEqual({ value: null, from: 'default' })
  expect(files).toEqual(['pb/play.yaml', 'ansible.cfg'])
  expect(without_effect[0]).toEqual({ key: 'defaults.pipelining', file: 'ansible.cfg', line: 3 })
  expect(warnings).toEqual([])
})

test('apply looks beside the playbook of its plan', () => {
  const cwd = scratch({
    'pb/play.yaml': 'remote_user: bob\n',
    'plan.json': JSON.stringify({ playbooks: ['pb/site.yaml'] }),
  })
  expect(parseArguments(['apply', 'plan.json'], { HOME: '/nowhere' }, cwd).user).toBe('bob')
})

test('its help names it', () => {
  expect(helpText('config')).toMatch(/^Usage: play config \[PLAYBOOK\]/)
  expect(helpText('config')).toContain('--json')
})
