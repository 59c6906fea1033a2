import { Command, CommanderError } from 'commander'
import { PlayError } from './errors.ts'
import {
  ADOPT_EXAMPLES,
  addAdoptOptions,
  addConfigOptions,
  addOutputOptions,
  addRunOptions,
  addSourceOptions,
  addStatusOptions,
  CONFIG_EXAMPLES,
  EXAMPLES,
  INVENTORY_EXAMPLES,
  type RunFlags,
  STATUS_EXAMPLES,
  UNSUPPORTED,
  VAULT_EXAMPLES,
} from './help.ts'
import type { Language } from './load/language.ts'
import { optionsOf } from './options/fates.ts'
import {
  addInventoryOptions,
  type InventoryFlags,
  type InventoryRequest,
  inventoryRequest,
} from './options/inventory.ts'
import { addVaultCommand, addVaultOptions, type VaultAction, type VaultRequest } from './options/vault.ts'
import type { Settings } from './settings/settings.ts'

/** The first word, or `run` where it is a playbook. */
export type CommandName = 'run' | 'apply' | 'show' | 'status' | 'adopt' | 'vault' | 'inventory' | 'config'

export type Mode = 'run' | 'list-hosts' | 'list-tasks' | 'list-tags' | 'syntax-check' | 'version' | 'help'

/** The command line, checked, and with what the configuration says where it says nothing. */
export interface Options {
  command: CommandName
  mode: Mode
  /** For apply and show: the one plan file. For status and adopt: none. */
  playbooks: string[]
  /** As for loadInventory; empty where there is none. */
  inventory: string[]
  check: boolean
  diff: boolean
  tags: string[]
  skipTags: string[]
  limit?: string
  startAtTask?: string
  /** Of files that say none. */
  language?: Language
  /** Hosts at the same time. */
  forks: number
  /** Bytes that are kept of each stream of a user's command. */
  maxOutput: number
  /** 0 to 4 */
  verbosity: number
  become: boolean
  becomeUser?: string
  /** Login user. */
  user?: string
  askBecomePass: boolean
  becomePasswordFile?: string
  askPass: boolean
  privateKey?: string
  /** As for parseVaultSource, in the order in which they are tried. */
  vaultIds: string[]
  /** Only passwords of a text's own label are tried. */
  vaultIdMatch: boolean
  /** The label to encrypt under where the command line says none. */
  vaultEncryptIdentity?: string
  /** Of vault, but for its --help. */
  vault?: VaultRequest
  /** Of inventory, but for its --help. */
  shows?: InventoryRequest
  /** Sources of the inventory that are programs are run: somebody named them. */
  runsPrograms: boolean
  /** As for parseExtraVars. */
  extraVars: string[]
  output: 'text' | 'jsonl' | 'json'
  /** Of status: seconds from one look to the next. */
  watch?: number
  forceHandlers: boolean
  /** Seconds for a connection to be made. */
  timeout: number
  /** Undefined: where it is a terminal. */
  color?: boolean
  /** Of adopt: into host_vars/, instead of standard output. */
  write: boolean
  /** Where --check writes its plan. */
  out?: string
  /** False: changes that drop, restart or replace are refused. */
  destructive: boolean
  /** Seconds to wait for the locks of other runs. */
  waitForLock: number
  /** False: no machine is locked. */
  lock: boolean
  /** Of config: as JSON. */
  json: boolean
  /** All of the configuration, and where it comes from. */
  settings: Settings
}

/** The command line as it was given: without what counts where it says nothing. */
export interface Request {
  command: CommandName
  mode: Mode
  playbooks: string[]
  flags: RunFlags
  vault?: VaultRequest
  shows?: InventoryRequest
}

/** @param argv without node and the program @throws {PlayError} code 'usage' */
export function parseCommandLine(argv: readonly string[]): Request {
  let request: Request | undefined
  const program = makeProgram((command, playbooks, flags, more) => {
    request = { ...toRequest(command, playbooks, flags), ...more }
  })
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    throw error instanceof CommanderError ? explain(error) : error
  }
  return request!
}

/** What --help prints; of an action of vault its own. */
export function helpText(command: CommandName = 'run', action?: VaultAction): string {
  const name = command in EXAMPLES_OF ? (command as keyof typeof EXAMPLES_OF) : 'run'
  const shown = makeProgram(() => {}).commands.find((one) => one.name() === name)
  const inner = action && shown!.commands.find((one) => one.name() === action)
  return inner ? inner.helpInformation() : `${shown!.helpInformation()}\n${EXAMPLES_OF[name]}`
}

const EXAMPLES_OF = {
  run: EXAMPLES,
  status: STATUS_EXAMPLES,
  adopt: ADOPT_EXAMPLES,
  vault: VAULT_EXAMPLES,
  inventory: INVENTORY_EXAMPLES,
  config: CONFIG_EXAMPLES,
}

/** Each command of `play` is one of commander's; `run` is what no command's name stands for. */
function makeProgram(
  run: (
    command: CommandName,
    playbooks: string[],
    flags: RunFlags,
    more?: Pick<Options, 'vault' | 'shows'>,
  ) => void,
): Command {
  const program = new Command('play')
    .exitOverride()
    .helpOption(false)
    .helpCommand(false)
    // Or --help after an action of vault would be that of all.
    .enablePositionalOptions()
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, getOutHelpWidth: () => 100 })
  const command = program.command('run', { isDefault: true, hidden: true }).helpOption(false)
  addRunOptions(command).action((playbooks: string[], flags: RunFlags) => run('run', playbooks, flags))
  for (const name of ['apply', 'show'] as const) {
    const other = program.command(name, { hidden: true }).helpOption(false)
    addRunOptions(other).action((files: string[], flags: RunFlags) => run(name, files, flags))
  }
  const status = program.command('status', { hidden: true }).helpOption(false)
  addStatusOptions(status).action((flags: RunFlags) => run('status', [], flags))
  const adopt = program.command('adopt', { hidden: true }).helpOption(false)
  addAdoptOptions(adopt).action((flags: RunFlags) => run('adopt', [], flags))
  const config = program.command('config', { hidden: true }).helpOption(false)
  addConfigOptions(config).action((playbooks: string[], flags: RunFlags) => run('config', playbooks, flags))
  const vault = program.command('vault', { hidden: true }).helpOption(false).helpCommand(false)
  addVaultCommand(vault, addOutputOptions, (request, flags) =>
    run('vault', [], flags, request && { vault: request }),
  )
  const inventory = program.command('inventory', { hidden: true }).helpOption(false)
  addOutputOptions(addVaultOptions(addSourceOptions(addInventoryOptions(inventory)))).action(
    (group: string | undefined, flags: RunFlags & InventoryFlags) => {
      const isAsked = !flags.help && !flags.version
      const more = isAsked ? { shows: inventoryRequest(group, flags) } : undefined
      run('inventory', [], flags, more)
    },
  )
  return program
}

function toRequest(command: CommandName, playbooks: string[], flags: RunFlags): Request {
  const mode = modeOf(flags)
  const takesPlaybooks = command === 'run' || command === 'apply' || command === 'show'
  if (playbooks.length === 0 && takesPlaybooks && mode !== 'help' && mode !== 'version') {
    throw new PlayError('usage', 'no playbook is named', {
      hint: 'play site.yaml -i inventory, or play --help',
    })
  }
  if (command === 'apply' || command === 'show') requirePlanFile(command, playbooks, flags, mode)
  if (flags.out !== undefined && !flags.check)
    throw new PlayError('usage', '--out writes the plan of a check', { hint: 'add --check' })
  return { command, mode, playbooks, flags }
}

/** apply and show take one plan, which fixes what to run and where. @throws {PlayError} */
function requirePlanFile(command: CommandName, files: string[], flags: RunFlags, mode: Mode): void {
  if (mode === 'help' || mode === 'version') return
  if (files.length !== 1)
    throw new PlayError('usage', `play ${command} takes one plan file`, { hint: `play ${command} plan.json` })
  const other = optionsOf(flags, 'refused')
  if (other.length > 0)
    throw new PlayError('usage', `play ${command} takes no ${other.join(', ')}`, {
      hint: `play show ${files[0]} prints what the plan says`,
    })
  const fixed = optionsOf(flags, 'kept')
  if (fixed.length > 0)
    throw new PlayError('usage', `the plan fixes ${fixed.join(', ')}`, {
      hint: `play ${command} ${files[0]}, without them; or make the plan anew with them`,
    })
}

function modeOf(flags: RunFlags): Mode {
  if (flags.help) return 'help'
  if (flags.version) return 'version'
  const asked = (['listHosts', 'listTasks', 'listTags', 'syntaxCheck'] as const).filter((flag) => flags[flag])
  const names = asked.map((flag) => flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  if (names.length > 1) {
    throw new PlayError('usage', `${names.map((name) => `--${name}`).join(' and ')} exclude each other`, {
      hint: 'give one of them',
    })
  }
  return (names[0] as Mode | undefined) ?? 'run'
}

function explain(error: CommanderError): PlayError {
  const [text = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n')
  const option = /^unknown option '(--?[^'=]*)/.exec(text)?.[1]
  const near = /Did you mean (?:one of )?(.*?)\??\)/.exec(suggestion)?.[1]
  // "option '…' argument 'x' is invalid. What is valid."
  const [, message = text, valid] = /^(.* is invalid)\. (.*)\.$/.exec(text) ?? []
  const hint = (option && UNSUPPORTED[option]) ?? (near ? `did you mean ${near}?` : valid)
  return new PlayError('usage', message, { hint: hint ?? 'play --help lists the options', cause: error })
}
