import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Language } from './load/language.ts'
import { addVaultOptions, type VaultFlags } from './options/vault.ts'
import { bytesOf, SIZE } from './settings/size.ts'

/** What commander makes of the options below. */
export interface RunFlags extends VaultFlags {
  inventory?: string[]
  limit?: string
  extraVars?: string[]
  tags?: string[]
  skipTags?: string[]
  startAtTask?: string
  check?: boolean
  out?: string
  destructive?: boolean
  diff?: boolean
  listHosts?: boolean
  listTasks?: boolean
  listTags?: boolean
  syntaxCheck?: boolean
  forks?: number
  /** Of a run. */
  maxOutput?: number
  timeout?: number
  forceHandlers?: boolean
  waitForLock?: number
  lock?: boolean
  user?: string
  privateKey?: string
  /** Ansible's other name. */
  keyFile?: string
  askPass?: boolean
  become?: boolean
  becomeUser?: string
  becomeMethod?: 'sudo' | 'su'
  connection?: 'ssh' | 'local'
  sshCommonArgs?: string
  sshExtraArgs?: string
  askBecomePass?: boolean
  becomePasswordFile?: string
  /** Ansible's other name. */
  becomePassFile?: string
  output?: 'text' | 'jsonl' | 'json'
  /** Of status: true for the usual interval, else seconds. */
  watch?: true | number
  /** Of adopt. */
  write?: boolean
  /** Of config. */
  json?: boolean
  language?: Language
  verbose?: number
  color?: boolean
  version?: boolean
  help?: boolean
}

export function addRunOptions(command: Command): Command {
  command
    .configureHelp({ commandUsage: () => 'play PLAYBOOK… [options]' })
    .description('Brings hosts to the state that playbooks describe, over ssh, with nothing installed there.')
    .argument('[playbook...]', 'YAML files, run one after the other')
    .optionsGroup('Which hosts, which tasks:')
  addSourceOptions(command)
    .option('-t, --tags <tags>', 'only tasks with one of these tags, separated by commas', appendList)
    .option('--skip-tags <tags>', 'all but tasks with one of these tags', appendList)
    .option('--start-at-task <name>', 'leave out the tasks before this one: a name or a pattern')
    .addOption(
      new Option('--language <name>', 'of playbooks and variables that say none').choices([
        'native',
        'jinja',
      ]),
    )
    .optionsGroup('Look first:')
    .option('-C, --check', 'say what would change, and change nothing')
    .option('-D, --diff', 'show changes in files line by line')
    .option('--out <file>', 'with --check: write the plan, for `play show FILE` and `play apply FILE`')
    .option('--list-hosts', 'list the hosts, do nothing else')
    .option('--list-tasks', 'list the tasks, do nothing else')
    .option('--list-tags', 'list the tags, do nothing else')
    .option('--syntax-check', 'check playbooks and inventory, do nothing else')
    .optionsGroup('How to run:')
  addPaceOptions(command)
    .option(
      '--max-output <size>',
      'keep so much of the output of each command, its head and its tail: 500K, 64M (default: 2M)',
      size,
    )
    .option('--force-handlers', 'run notified handlers on hosts that failed, too')
    .option(
      '--no-destructive',
      'refuse the run if it would drop, restart or replace something, lock somebody out or lower what is allowed',
    )
    .option(
      '--wait-for-lock <seconds>',
      'wait so long for another run that is at work on these hosts (default: refuse)',
      wholeNumber(86_400),
    )
    .option('--no-lock', 'take no lock: another run may then change the same hosts at the same time')
  addLoginOptions(command)
    .option('-b, --become', 'become another user with sudo')
    .option('--become-user <name>', 'whom to become (default: root)')
    .addOption(
      new Option(
        '--become-method <name>',
        'how (default: sudo); su asks for the password of the other user',
      ).choices(['sudo', 'su']),
    )
    .optionsGroup('Output:')
    .addOption(
      new Option('--output <form>', 'text, or one JSON object a line')
        .choices(['text', 'jsonl'])
        .default('text'),
    )
    .option('-v, --verbose', 'more of it: -v results, -vv, -vvv connections, -vvvv all', count)
  return addOutputOptions(command)
}

/** `play status` takes what says which hosts, and how to reach them, as a run does. */
export function addStatusOptions(command: Command): Command {
  command
    .configureHelp({ commandUsage: () => 'play status [options]' })
    .description('Shows the replication topology as it is beside what the inventory wants; changes nothing.')
    .optionsGroup('Which hosts:')
  addSourceOptions(command).optionsGroup('How to look:')
  addPaceOptions(command).addOption(
    new Option(
      '-w, --watch [seconds]',
      'look again and again, until Ctrl-C (default: every 2 seconds)',
    ).argParser(wholeNumber(86_400)),
  )
  addLoginOptions(command)
    .optionsGroup('Output:')
    .addOption(
      new Option('--output <form>', 'a table, or one JSON object').choices(['text', 'json']).default('text'),
    )
  return addOutputOptions(command)
}

/** `play adopt` takes the same. */
export function addAdoptOptions(command: Command): Command {
  command
    .configureHelp({ commandUsage: () => 'play adopt [options]' })
    .description(
      'Prints the variables that describe existing clusters as they are, so that a check finds nothing to change. It reads the hosts alone.',
    )
    .optionsGroup('Which hosts:')
  addSourceOptions(command).optionsGroup('How to look:')
  addPaceOptions(command)
  addLoginOptions(command)
    .optionsGroup('Output:')
    .option('--write', 'into host_vars/HOST.yaml beside the inventory; what is there is never overwritten')
  return addOutputOptions(command)
}

/** `play config` takes what a run takes, to say what would count for it. */
export const addConfigOptions = (command: Command): Command =>
  addRunOptions(command)
    .configureHelp({
      commandUsage: () => 'play config [PLAYBOOK] [options of a run]',
      visibleOptions: onlyJson,
    })
    .description('Prints each setting, its value, and where that comes from.')
    .option('--json', 'one JSON object')

const onlyJson = (command: Command) =>
  command.options.filter(({ long }) => ['--json', '--version', '--help'].includes(long ?? ''))

export const addSourceOptions = (command: Command): Command =>
  command
    .option(
      '-i, --inventory <source>',
      'file, folder or "host1,host2,"; repeatable (default: what `play config` says, ./inventory)',
      append,
    )
    .option('-l, --limit <pattern>', 'only these of the hosts: vm3:standbys, !vm1, @file')
    .option(
      '-e, --extra-vars <vars>',
      'name=value, a {"json": mapping} or @file; wins over all; repeatable',
      append,
    )

const addPaceOptions = (command: Command): Command =>
  command
    .option('-f, --forks <n>', 'hosts at the same time (default: 50)', wholeNumber(10_000))
    .option('-T, --timeout <seconds>', 'time for a connection to be made (default: 10)', wholeNumber(86_400))

const addLoginOptions = (command: Command): Command =>
  addVaultOptions(command)
    .optionsGroup('Log in:')
    .option('-u, --user <name>', 'log in as this user')
    .option('--private-key <file>', 'log in with this key')
    .option('-c, --connection <how>', 'ssh, or local for this machine (default: ssh)', connection)
    .option('--ssh-common-args <args>', 'options of ssh, as its command has them: -o ProxyJump=gate')
    .addOption(new Option('--ssh-extra-args <args>').hideHelp())
    .option('-k, --ask-pass', 'ask for the login password')
    .option('-K, --ask-become-pass', "ask for sudo's password")
    .option('--become-password-file <file>', "read sudo's password from a file")
    .addOption(new Option('--key-file <file>').hideHelp())
    .addOption(new Option('--become-pass-file <file>').hideHelp())

export const addOutputOptions = (command: Command): Command =>
  command
    .option('--color', 'colours, even where it is no terminal')
    .option('--no-color', 'no colours, as with NO_COLOR')
    .option('--version', 'the version of play')
    .option('-h, --help', 'this text')

export const EXAMPLES = `Examples:
  play site.yaml -i inventory                    bring all hosts to what site.yaml says
  play site.yaml -i inventory --check --diff     say what that would change, line by line
  play site.yaml --check --out plan.json         then: play show plan.json, play apply plan.json
  play site.yaml --tags standby -l vm4 -e pg_version=15
  play status -i inventory                       the topology as it is; play status --help
  play adopt -i inventory -l vm1                 what a server is, as variables; play adopt --help
  play inventory --graph -i inventory            groups and hosts; play inventory --help
  play config                                    what is configured, and where; play config --help
  play vault edit secrets.yaml                   encrypted files and values; play vault --help
`

export const STATUS_EXAMPLES = `Ends with 0 where everything is as the inventory wants it, and with 2 where anything is not.

Examples:
  play status -i inventory                       one table
  play status -i inventory --watch               again every 2 seconds; --watch 10
  play status -i inventory -l vm4 --output json  one host, for programs
`

export const ADOPT_EXAMPLES = `Examples:
  play adopt -i fleet.yaml -l db1                 what db1 is, as variables; look at them first
  play adopt -i fleet.yaml -l db1 --write         into host_vars/db1.yaml
  play adopt -i fleet.yaml -l db1 -e pg_version=15 -e pg_cluster=prod
  play playbooks/site.yaml -i fleet.yaml -l db1 --check
`

export const CONFIG_EXAMPLES = `docs/config.md lists the settings, and the files that say them.

Examples:
  play config                                    as for a command in this folder
  play config site.yaml -f 20                    as for this run
  play config --json                             for programs
`

export const INVENTORY_EXAMPLES = `Examples:
  play inventory --graph -i inventory
  play inventory --list -i inventory -l web --yaml
  play inventory --host vm3 -i inventory
`

export const VAULT_EXAMPLES = `Examples:
  play vault encrypt group_vars/all/secrets.yaml --vault-password-file ~/.vault
  play vault edit group_vars/all/secrets.yaml --vault-id prod@prompt
  play vault encrypt-string --vault-id prod@prod.sh --name app_password --prompt
  play vault rekey group_vars/*/secrets.yaml --vault-password-file old --new-vault-password-file new
  play vault encrypt --help                      the options of one action
`

/** Ansible's options that play does not have, and what to do instead. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  '--step': 'look first with --check, then start where you want with --start-at-task',
  '--flush-cache': 'play keeps no facts between runs, so there is nothing to flush',
  '--module-path': 'modules are part of play',
  '-M': 'modules are part of play',
}

/** Ansible's other names for ssh are taken (docs/config.md, transport). */
const connection = (value: string): 'ssh' | 'local' => {
  const name = value.replace(/^ansible\.builtin\./, '')
  if (name === 'local') return 'local'
  if (['ssh', 'smart', 'paramiko', 'paramiko_ssh'].includes(name)) return 'ssh'
  throw new InvalidArgumentError('it is ssh or local.')
}

const append = (value: string, before: string[] = []): string[] => [...before, value]

const appendList = (value: string, before: string[] = []): string[] => [
  ...before,
  ...value.split(',').flatMap((tag) => tag.trim() || []),
]

const count = (_: unknown, before = 0): number => before + 1

const size = (value: string): number => {
  const bytes = bytesOf(value)
  if (bytes === undefined) throw new InvalidArgumentError(`it is ${SIZE}.`)
  return bytes
}

const wholeNumber =
  (most: number) =>
  (value: string): number => {
    if (/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= most) return Number(value)
    throw new InvalidArgumentError(`it is a whole number from 1 to ${most}.`)
  }
