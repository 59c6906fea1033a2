import type { Setting } from '../../../runner/settings/setting.ts'
import { SETTINGS, type SettingName } from '../../../runner/settings/table.ts'

/** Files of configuration and an environment, as ansible-config is asked about them. The home is `home/`. */
export interface SettingsCase {
  name: string
  files: Readonly<Record<string, string>>
  env?: Readonly<Record<string, string>>
  /** Below the folder of the files. */
  cwd?: string
  /** Of the working folder, where it is not 0755. */
  mode?: number
  /** Settings that play answers otherwise, and why. */
  differs?: Partial<Record<SettingName, string>>
}

/** The files of a case are in a folder of this name: what is beside it is named too. */
export const IN = 'in'

/** The settings that ansible-config has too, with its names of them. */
export const NAMES: Partial<Record<SettingName, string>> = Object.fromEntries(
  Object.entries(SETTINGS as Record<string, Setting>).flatMap(([name, { ansible }]) =>
    ansible === undefined ? [] : [[name, ansible]],
  ),
)

const cfg = (text: string): Record<string, string> => ({ 'ansible.cfg': text })
const defaults = (text: string) => cfg(`[defaults]\n${text}\n`)
const home = { 'home/.ansible.cfg': '[defaults]\nforks = 6\nremote_user = home\n' }
const FALSE = 'a word that is neither true nor false is an error'
const EMPTY = 'a variable that is empty leaves what the file says'

export const CASES: readonly SettingsCase[] = [
  { name: 'nothing', files: {} },
  {
    name: 'all of the sections',
    files: cfg(
      '[defaults]\nforks=7\ntimeout=12\nremote_user=bob\nremote_port=2222\nask_pass=yes\ngathering=explicit\nstrategy=free\ntransport=local\nvault_id_match=true\n' +
        'any_errors_fatal=1\nforce_handlers=t\nno_log=on\nverbosity=2\nhost_key_checking=False\nvault_identity=prod\n' +
        'vault_encrypt_identity=prod\nask_vault_pass=y\ndisplay_skipped_hosts=no\nnocolor=1\nforce_color=true\n' +
        '[privilege_escalation]\nbecome=True\nbecome_user=postgres\nbecome_method=su\nbecome_ask_pass=True\n[diff]\nalways=yes\n' +
        '[tags]\nrun=a, b\nskip=c,"d"\n',
    ),
  },
  {
    name: 'paths are from the folder of the file',
    files: defaults(
      'inventory = inv/a, ../b ,~/c,h1\nroles_path = roles:../r2:$HOME/r3:{{CWD}}/r4:$NOTHING/r5:${X}/r6\n' +
        'collections_path = c1:~/c2\nprivate_key_file = k/id\nvault_password_file=./vp\nbecome_password_file=/abs/bp\n' +
        'connection_password_file=~/cp\nvault_identity_list = dev@x, prod@prompt',
    ),
    env: { X: '/x' },
  },
  {
    name: 'and not from the working folder, but for vault_identity_list',
    files: defaults(
      'inventory = inv\nroles_path = roles:{{CWD}}/r4\nprivate_key_file = k\nvault_identity_list = dev@x,y',
    ),
    cwd: 'sub',
    env: { ANSIBLE_CONFIG: '../ansible.cfg' },
  },
  {
    name: 'those of the environment are from the working folder',
    files: defaults('inventory = inv\nroles_path = roles'),
    cwd: 'sub',
    env: {
      ANSIBLE_CONFIG: '..',
      ANSIBLE_INVENTORY: 'a,../b',
      ANSIBLE_ROLES_PATH: 'r:~/s',
      ANSIBLE_PRIVATE_KEY_FILE: 'k',
      ANSIBLE_VAULT_PASSWORD_FILE: 'p',
    },
  },
  {
    name: 'the environment above the file',
    files: defaults('forks = 7\nremote_user = file\ntimeout = 3\n[privilege_escalation]\nbecome = True'),
    env: { ANSIBLE_FORKS: '9', ANSIBLE_REMOTE_USER: 'env', ANSIBLE_BECOME: 'no' },
  },
  {
    name: 'variables that are empty',
    files: defaults('forks = 7\nremote_port = 22\n[privilege_escalation]\nbecome = True'),
    env: { ANSIBLE_FORKS: '', ANSIBLE_REMOTE_PORT: '', ANSIBLE_BECOME: '' },
    differs: { forks: EMPTY, remote_port: EMPTY, become: EMPTY },
  },
  { name: 'the file of the folder before that of the home', files: { ...defaults('forks = 7'), ...home } },
  { name: 'the file of the home', files: home },
  {
    name: 'ANSIBLE_CONFIG before both',
    files: { ...defaults('forks = 7'), ...home, 'other.cfg': '[defaults]\nforks = 8\n' },
    env: { ANSIBLE_CONFIG: 'other.cfg' },
  },
  {
    name: 'ANSIBLE_CONFIG is not there',
    files: { ...defaults('forks = 7'), ...home },
    env: { ANSIBLE_CONFIG: '/nowhere/ansible.cfg' },
  },
  {
    name: 'ANSIBLE_CONFIG is a folder without one',
    files: { ...home, 'sub/x': '' },
    env: { ANSIBLE_CONFIG: 'sub' },
  },
  { name: 'ANSIBLE_CONFIG has a ~', files: home, env: { ANSIBLE_CONFIG: '~/.ansible.cfg' }, cwd: 'sub' },
  {
    name: 'a folder that anybody may write',
    files: { 'sub/ansible.cfg': '[defaults]\nforks = 7\n', ...home },
    cwd: 'sub',
    mode: 0o777,
  },
  {
    name: 'a folder that anybody may write, whose file is named',
    files: { 'sub/ansible.cfg': '[defaults]\nforks = 7\n', ...home },
    cwd: 'sub',
    mode: 0o777,
    env: { ANSIBLE_CONFIG: 'ansible.cfg' },
  },
  {
    name: 'comments, quotes, colons and case',
    files: cfg(
      '# a\n; b\n[defaults]\nForks : 7 ; few\nremote_user = "bob"\nvault_identity=12 # no comment\n  # nor this\n',
    ),
  },
  {
    name: 'quotes, % and ; inside',
    files: defaults(`remote_user = 'a;b'\nvault_identity = %(x)s\nvault_encrypt_identity = "a`),
  },
  {
    name: 'a value over several lines',
    files: defaults('inventory = a,\n  b,\n  # no\n  c\nforks = 7'),
  },
  { name: '[DEFAULT]', files: cfg('[DEFAULT]\nforks = 7\n[defaults]\ntimeout = 3\n') },
  { name: '[DEFAULT] alone', files: cfg('[DEFAULT]\nforks = 7\n') },
  { name: 'sections in other letters', files: cfg('[Defaults]\nforks = 7\n') },
  {
    name: 'neither true nor false',
    files: cfg('[privilege_escalation]\nbecome = maybe\n'),
    differs: { become: FALSE },
  },
  { name: 'a number with a fraction of nothing', files: defaults('forks = 7.0\ntimeout = +3') },
  {
    name: 'hosts in ANSIBLE_INVENTORY',
    files: {},
    env: { ANSIBLE_INVENTORY: 'h1,h2,' },
    differs: { inventory: 'hosts, as with -i, where Ansible takes them for files' },
  },
  {
    name: 'quotes around a path',
    files: defaults('private_key_file = "k/id"'),
    differs: { private_key_file: 'quotes are no part of it, where Ansible keeps them in paths' },
  },
  { name: 'NO_COLOR', files: {}, env: { NO_COLOR: '1' } },
  { name: 'no key = value', files: defaults('forks') },
  { name: 'a key before the first section', files: cfg('forks = 7\n') },
  { name: 'a key twice', files: defaults('forks = 7\nforks = 8') },
  { name: 'a section twice', files: cfg('[defaults]\nforks = 7\n[defaults]\ntimeout = 3\n') },
  { name: 'no number', files: defaults('forks = many') },
  { name: 'no choice', files: defaults('gathering = never') },
]
