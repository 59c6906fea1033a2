import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { helpText } from '../../../runner/cli.ts'
import { configCommand } from '../../../runner/commands/config.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import { command, root } from '../../support/command.ts'
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

test('what ansible.cfg and the environment say that means nothing here is named, without its value', async () => {
  const env = { ANSIBLE_BECOME_PASS: 'hunter23', PLAY_FORK: '3', ANSIBLE_FORKS: '3' }
  const text = await config([], FILES, env)
  expect(text).toContain(
    'Without effect here:\n    defaults.pipelining (ansible.cfg:3)\n    defaults.lookup_secret (ansible.cfg:4)\n' +
      '    $ANSIBLE_BECOME_PASS\n    $PLAY_FORK\n',
  )
  expect(text).not.toMatch(/hunter2|^ +\$ANSIBLE_FORKS/m)
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

test('the program warns of a file that anybody may write, and ends with 5, as Ansible, where one is wrong', async () => {
  const cwd = scratch({ 'ansible.cfg': '[defaults]\nforks = 7\n', 'pb/play.yaml': 'forks: none\n' })
  chmodSync(cwd, 0o777)
  const main = [
    process.execPath,
    '--import',
    import.meta.resolve('tsx'),
    join(root, 'runner/main.ts'),
    'config',
  ]
  const env = { HOME: join(cwd, 'home'), XDG_CONFIG_HOME: '' }
  const ran = await command(main, { cwd, env, timeout: 150 })
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^forks +50 +default$/m) })
  expect(ran.stderr).toBe(
    `[WARNING]: ansible.cfg is not read, since anybody may write its folder: chmod o-w ${cwd}\n`,
  )
  const wrong = await command([...main, 'pb/site.yaml'], { cwd, env, timeout: 150 })
  expect(wrong.code).toBe(5)
  expect(wrong.stderr).toContain('pb/play.yaml:1:8: error[config]: forks is "none", expected a whole number')
}, 180_000)
