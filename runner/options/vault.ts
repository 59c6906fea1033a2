import type { Command } from 'commander'
import { Option } from 'commander'
import { PlayError } from '../errors.ts'
import type { Values } from '../settings/table.ts'

/** Of every command that reads files which may be encrypted. */
export interface VaultFlags {
  vaultId?: string[]
  vaultPasswordFile?: string[]
  /** Ansible's other names. */
  vaultPassFile?: string[]
  askVaultPass?: boolean
  askVaultPassword?: boolean
}

export const VAULT_ACTIONS = {
  create: 'Makes an encrypted file, and opens it in the editor ($EDITOR, or vi).',
  encrypt: 'Encrypts files where they are; without a file, what comes in on standard input.',
  decrypt: 'Decrypts files where they are; without a file, what comes in on standard input.',
  view: 'Prints what encrypted files hold.',
  edit: 'Opens an encrypted file in the editor ($EDITOR, or vi), and encrypts it again.',
  'encrypt-string': 'Encrypts texts, as values for a YAML file.',
  rekey: 'Encrypts files with another password.',
} as const
export type VaultAction = keyof typeof VAULT_ACTIONS

/** What `play vault ACTION` is asked to do. */
export interface VaultRequest {
  action: VaultAction
  /** Files; of encrypt-string the texts. `-` stands for standard input. */
  operands: string[]
  /** The label to encrypt under. */
  encryptVaultId?: string
  /** Undefined: where the input is. `-`: standard output. */
  output?: string
  /** Of rekey, as --vault-id has it; undefined: it is asked for. */
  newVaultId?: string
  /** Of encrypt-string: names of the texts, in order, and of the one on standard input. */
  names: string[]
  stdinName?: string
  /** Whether to ask for the text. */
  prompt: boolean
  showInput: boolean
}

interface ActionFlags {
  encryptVaultId?: string
  output?: string
  newVaultId?: string
  newVaultPasswordFile?: string
  name?: string[]
  stdinName?: string
  prompt?: boolean
  showInput?: boolean
}

const append = (value: string, before: string[] = []): string[] => [...before, value]

export const addVaultOptions = (command: Command): Command =>
  command
    .optionsGroup('Encrypted files and values:')
    .option(
      '--vault-id <[label@]source>',
      'a vault password: in a file, printed by a program, or asked for (label@prompt); repeatable',
      append,
    )
    .option(
      '--vault-password-file <file>',
      'the same without a label (default: what `play config` says)',
      append,
    )
    .option('-J, --ask-vault-pass', 'ask for the vault password')
    .addOption(new Option('--vault-pass-file <file>').argParser(append).hideHelp())
    .addOption(new Option('--ask-vault-password').hideHelp())

/** `play vault` and its actions, with ansible-vault's arguments. */
export function addVaultCommand(
  vault: Command,
  finish: (command: Command) => Command,
  run: (request: VaultRequest | undefined, flags: VaultFlags & { help?: boolean; version?: boolean }) => void,
): void {
  vault
    .configureHelp({ commandUsage: () => 'play vault ACTION [FILE…] [options]' })
    .description('Encrypts and decrypts as ansible-vault does; each reads what the other wrote.')
    .enablePositionalOptions()
    .argument('[action]')
    .action((action: string | undefined, flags) => {
      if (action !== undefined) throw unknownAction(action)
      run(undefined, { ...flags, help: !flags.version })
    })
  finish(vault)
  for (const action of Object.keys(VAULT_ACTIONS) as VaultAction[]) {
    const isString = action === 'encrypt-string'
    const command = vault
      .command(action)
      .helpOption(false)
      .configureHelp({
        commandUsage: () => `play vault ${action} ${isString ? '[TEXT…]' : '[FILE…]'} [options]`,
      })
      .description(VAULT_ACTIONS[action])
      .argument(isString ? '[text...]' : '[file...]')
    if (isString) command.alias('encrypt_string')
    addActionOptions(command, action)
    finish(addVaultOptions(command)).action((operands: string[], flags: ActionFlags & VaultFlags) =>
      run(toRequest(action, operands, flags), flags),
    )
  }
}

function addActionOptions(command: Command, action: VaultAction): void {
  if (action === 'encrypt' || action === 'decrypt' || action === 'encrypt-string')
    command.option('--output <file>', 'where the result goes; - is standard output')
  if (action !== 'decrypt' && action !== 'view')
    command.option('--encrypt-vault-id <label>', 'of several vault passwords the one to encrypt with')
  if (action === 'rekey')
    command
      .option('--new-vault-id <[label@]source>', 'the new password, as --vault-id (default: it is asked for)')
      .option('--new-vault-password-file <file>', 'the same without a label')
  if (action === 'create') command.addOption(new Option('--skip-tty-check').hideHelp())
  if (action === 'encrypt-string')
    command
      .option('-n, --name <name>', 'the name of the variable; repeatable, in the order of the texts', append)
      .option('--stdin-name <name>', 'read the text from standard input, for a variable of this name')
      .option('-p, --prompt', 'ask for the text')
      .option('--show-input', 'show the text while it is typed')
}

function toRequest(action: VaultAction, operands: string[], flags: ActionFlags): VaultRequest {
  const newFile = flags.newVaultPasswordFile
  if (newFile !== undefined && flags.newVaultId !== undefined)
    throw new PlayError('usage', '--new-vault-id and --new-vault-password-file exclude each other', {
      hint: 'give one of them',
    })
  if (flags.output !== undefined && flags.output !== '-' && operands.length > 1)
    throw new PlayError('usage', '--output takes what one file holds', { hint: 'name one file' })
  return {
    action,
    operands,
    encryptVaultId: flags.encryptVaultId,
    output: flags.output,
    newVaultId: flags.newVaultId ?? (newFile && `default@${newFile}`),
    names: flags.name ?? [],
    stdinName: flags.stdinName,
    prompt: flags.prompt ?? false,
    showInput: flags.showInput ?? false,
  }
}

const unknownAction = (action: string): PlayError =>
  new PlayError('usage', `play vault has no action ${action}`, {
    hint: `it has ${Object.keys(VAULT_ACTIONS).join(', ')}`,
  })

/** The sources of all vault passwords, in the order in which they are tried, as Ansible has it. */
export function vaultSources(flags: VaultFlags, settings: VaultSettings): string[] {
  const file = settings.vault_password_file
  const files = [
    ...(flags.vaultPasswordFile ?? []),
    ...(flags.vaultPassFile ?? []),
    ...(file === undefined ? [] : [file]),
  ]
  return [
    ...settings.vault_identity_list,
    ...(flags.vaultId ?? []),
    ...files.map((one) => `${settings.vault_identity}@${one}`),
    ...(settings.ask_vault_pass ? [`${settings.vault_identity}@prompt`] : []),
  ]
}

type VaultSettings = Pick<
  Values,
  'vault_password_file' | 'vault_identity_list' | 'vault_identity' | 'ask_vault_pass'
>
