import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../runner/settings/settings.ts'
import type { SettingName } from '../../../runner/settings/table.ts'
import { errorsOf, scratch } from '../load/inventory/scratch.ts'

interface Case {
  files?: Record<string, string>
  env?: Record<string, string>
  playbook?: string
}

/** In a folder of its own, with a home that holds nothing but the files below `home/`. */
function read(flags: Parameters<typeof readSettings>[0], { files = {}, env = {}, playbook }: Case = {}) {
  const cwd = scratch(files)
  return readSettings(flags, { env: { HOME: join(cwd, 'home'), ...env }, cwd, playbook })
}
const settingOf = (name: SettingName, about: Case) => read({}, about).values[name]
const errors = (about: Case) =>
  errorsOf(() => read({}, about)).map(
    ({ message, pos, hint }) => `${pos ? `${pos.file}:${pos.line}:${pos.col} ` : ''}${message} (${hint})`,
  )

describe('what counts', () => {
  const files = {
    'pb/play.yaml': 'forks: 3\n',
    'ansible.cfg': '[defaults]\nforks = 4\n',
    'home/.config/play/play.yaml': 'forks: 5\n',
    'home/.ansible.cfg': '[defaults]\nforks = 6\n',
  }
  const env = { ANSIBLE_FORKS: '2' }
  const without = (...names: (keyof typeof files)[]) =>
    Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name as keyof typeof files)))
  const playbook = 'pb/site.yaml'

  it('is an option, before the environment, a project, its ansible.cfg, and the files of a user', () => {
    const about = { files, env, playbook }
    expect(read({ forks: 1 }, about)).toMatchObject({
      values: { forks: 1 },
      origins: { forks: { from: 'option', option: '-f' } },
    })
    expect(read({}, about)).toMatchObject({
      values: { forks: 2 },
      origins: { forks: { from: 'environment', variable: 'ANSIBLE_FORKS' } },
    })
    expect(read({}, { files, playbook })).toMatchObject({
      values: { forks: 3 },
      origins: { forks: { from: 'file', pos: { file: 'pb/play.yaml', line: 1, col: 8 } } },
    })
    expect(settingOf('forks', { files })).toBe(4)
    expect(settingOf('forks', { files: without('pb/play.yaml', 'ansible.cfg') })).toBe(5)
    expect(settingOf('forks', { files: without('ansible.cfg', 'home/.config/play/play.yaml') })).toBe(6)
    expect(read({})).toMatchObject({ values: { forks: 50 }, origins: { forks: { from: 'default' } } })
  })

  it('is each setting by itself, but of one ansible.cfg alone', () => {
    const both = {
      'pb/play.yaml': 'timeout: 3\n',
      'play.yaml': 'timeout: 4\ndiff: true\n',
      'ansible.cfg': '[defaults]\nforks = 4\n',
      'home/.ansible.cfg': '[defaults]\nremote_user = nobody\n',
      'home/.config/play/play.yaml': 'become_user: postgres\n',
    }
    const { values, files: found } = read({}, { files: both, playbook })
    expect(values).toMatchObject({ timeout: 3, forks: 4, become_user: 'postgres', diff: true })
    expect(values.remote_user).toBeUndefined()
    expect(found.map(({ path }) => path)).toEqual([
      'pb/play.yaml',
      'play.yaml',
      'ansible.cfg',
      'home/.config/play/play.yaml',
    ])
    expect(read({}, { files: both }).values.timeout).toBe(4)
  })

  it("of the environment PLAY_'s before Ansible's; an empty one is not there", () => {
    expect(settingOf('forks', { env: { ANSIBLE_FORKS: '2', PLAY_FORKS: '3' } })).toBe(3)
    expect(settingOf('forks', { files, env: { ANSIBLE_FORKS: '', PLAY_FORKS: '' } })).toBe(4)
    expect(
      settingOf('host_key_checking', {
        env: { ANSIBLE_HOST_KEY_CHECKING: 'no', ANSIBLE_SSH_HOST_KEY_CHECKING: 'yes' },
      }),
    ).toBe(true)
  })

  it('of two keys of ansible.cfg that mean the same the nearer one', () => {
    const cfg = '[ssh_connection]\nhost_key_checking = no\n[defaults]\nhost_key_checking = yes\n'
    expect(settingOf('host_key_checking', { files: { 'ansible.cfg': cfg } })).toBe(false)
  })

  it('is what $XDG_CONFIG_HOME and $ANSIBLE_CONFIG name, a file or its folder', () => {
    const cwd = scratch({ 'x/play/play.yaml': 'forks: 7\n', 'c/ansible.cfg': '[defaults]\ntimeout = 8\n' })
    const inFolder = (env: Record<string, string>) =>
      readSettings({}, { env: { HOME: join(cwd, 'home'), ...env }, cwd, playbook: undefined }).values
    expect(inFolder({ XDG_CONFIG_HOME: join(cwd, 'x') }).forks).toBe(7)
    expect(inFolder({ ANSIBLE_CONFIG: 'c' }).timeout).toBe(8)
    expect(inFolder({ ANSIBLE_CONFIG: join(cwd, 'c/ansible.cfg') }).timeout).toBe(8)
    expect(inFolder({ ANSIBLE_CONFIG: 'nowhere' }).timeout).toBe(10)
  })
})

describe('values', () => {
  it('paths are from the folder of their file, with ~ and variables', () => {
    const files = {
      'pb/play.yaml': 'inventory: [inv, "a,b", ../up]\nprivate_key_file: ~/k\nvault_identity_list: dev@x\n',
      'ansible.cfg': '[defaults]\nroles_path = roles:$X/r:${X}/s:{{CWD}}/t\nvault_password_file = "p w"\n',
    }
    const { values } = read({}, { files, env: { X: '/x' }, playbook: 'pb/site.yaml' })
    expect(values).toMatchObject({
      inventory: ['pb/inv', 'a,b', 'up'],
      private_key_file: 'home/k',
      vault_identity_list: ['dev@pb/x'],
      roles_path: ['roles', '/x/r', '/x/s', 't'],
      vault_password_file: 'p w',
    })
  })

  it('an inventory in one text is paths with commas, or hosts where it ends in one', () => {
    expect(settingOf('inventory', { env: { ANSIBLE_INVENTORY: 'a, /b' } })).toEqual(['a', '/b'])
    expect(settingOf('inventory', { env: { ANSIBLE_INVENTORY: 'h1,h2,' } })).toEqual(['h1,h2,'])
  })

  it.each(['yes', 'TRUE', 'on', '1', 'y', 't'])('%s is true', (word) => {
    expect(settingOf('become', { env: { ANSIBLE_BECOME: word } })).toBe(true)
  })

  it('NO_COLOR counts whatever it holds; colours that are forced stand above', () => {
    expect(settingOf('nocolor', { env: { NO_COLOR: 'x' } })).toBe(true)
    expect(read({ color: true }, { env: { NO_COLOR: '1' } }).values).toMatchObject({
      force_color: true,
      nocolor: false,
    })
  })

  it('strategies of Mitogen are the ones that they make faster', () => {
    const cfg = '[defaults]\nstrategy = mitogen_linear\n'
    expect(settingOf('strategy', { files: { 'ansible.cfg': cfg } })).toBe('linear')
  })
})

describe('mistakes', () => {
  it('of all files are told together, at their places', () => {
    const files = {
      'play.yaml': 'fork: 9\nbecome: maybe\ninventory: {a: b}\nforks: 0\n',
      'ansible.cfg': '[defaults]\ntimeout = soon\nstrategy = debug\n',
    }
    expect(errors({ files, env: { ANSIBLE_REMOTE_PORT: 'x' } })).toEqual([
      'play.yaml:1:1 there is no setting fork (did you mean forks?)',
      'play.yaml:3:12 inventory is a mapping, expected text, or a list of texts (The inventory.)',
      '$ANSIBLE_REMOTE_PORT is "x", expected a whole number from 1 to 65535 (The port of ssh.)',
      'ansible.cfg:2:1 timeout is "soon", expected a whole number from 1 to 86400 (Seconds for a connection to be made.)',
      'play.yaml:2:9 become is "maybe", expected true or false (Become another user, where plays and tasks do not say it.)',
      'play.yaml:4:8 forks is "0", expected a whole number from 1 to 10000 (Hosts at the same time.)',
      expect.stringMatching(/^ansible.cfg:3:1 strategy is "debug", expected linear, free or host_pinned/),
    ])
  })

  it('a password where it is asked whether to ask for one is not repeated', () => {
    const files = { 'play.yaml': 'become_ask_pass: hunter22\n' }
    expect(errors({ files, env: { ANSIBLE_ASK_PASS: 'hunter22' } })).toEqual([
      '$ANSIBLE_ASK_PASS is something else than true or false (Ask for the login password.)',
      "play.yaml:1:18: become_ask_pass is something else than true or false (Ask for sudo's password.)",
    ])
  })

  it('a play.yaml is a mapping, and the language is no word of a user', () => {
    expect(errors({ files: { 'play.yaml': '- forks: 3\n' } })).toEqual([
      'play.yaml:1:1 this is no mapping of settings (write one a line: forks: 20)',
    ])
    expect(errors({ files: { 'home/.config/play/play.yaml': 'language: jinja\n' } })[0]).toContain(
      'language is what a project says of its files',
    )
    expect(errors({ files: { 'play.yaml': '' } })).toEqual([])
  })

  it('what is done otherwise here is refused where playbooks would mean something else, and else told', () => {
    const merge = { 'ansible.cfg': '[defaults]\nhash_behaviour = merge\n' }
    expect(errors({ files: merge })[0]).toMatch(/^ansible.cfg:2:1 hash_behaviour: .*combine/)
    expect(errors({ env: { ANSIBLE_HASH_BEHAVIOUR: 'merge' } })[0]).toContain('$ANSIBLE_HASH_BEHAVIOUR')
    const cfg =
      '[defaults]\nhash_behaviour = replace\nerror_on_undefined_vars = False\njinja2_extensions = jinja2.ext.do\nforce_valid_group_names = ignore\n'
    expect(read({}, { files: { 'ansible.cfg': cfg } }).warnings).toEqual([
      'ansible.cfg:3: error_on_undefined_vars: a variable that is not defined is an error all the same; write default(…) where one may be missing',
    ])
  })

  it('what means nothing here is passed over, and listed', () => {
    const cfg = '[defaults]\npipelining = True\nforks = 3\n[galaxy]\nserver = https://example.org\n'
    const { warnings, unused } = read({}, { files: { 'ansible.cfg': cfg } })
    expect(warnings).toEqual([])
    expect(unused.map(({ key, pos }) => `${key} ${pos?.line}`)).toEqual([
      'defaults.pipelining 2',
      'galaxy.server 5',
    ])
  })
})

describe('what anybody may write is not read', () => {
  const files = { 'ansible.cfg': '[defaults]\nforks = 3\n', 'play.yaml': 'timeout: 4\n' }
  it.each([
    ['a folder', '.', 0o777],
    ['a file', 'ansible.cfg', 0o666],
  ])('%s', (_, name, mode) => {
    const cwd = scratch(files)
    chmodSync(join(cwd, name), mode)
    const at = { env: { HOME: '/nowhere' }, cwd, playbook: undefined }
    const { values, warnings } = readSettings({}, at)
    expect(values.forks).toBe(50)
    expect(warnings.join('\n')).toContain('ansible.cfg is not read, since anybody may write')
    expect(warnings.join('\n')).toContain(`chmod o-w ${join(cwd, name)}`)
    // As in Ansible, whoever names it in the environment wants it all the same.
    expect(readSettings({}, { ...at, env: { ANSIBLE_CONFIG: 'ansible.cfg' } }).values.forks).toBe(3)
  })
})
