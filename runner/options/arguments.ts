import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Options, parseCommandLine, type Request } from '../cli.ts'
import type { Environment } from '../settings/setting.ts'
import { readSettings } from '../settings/settings.ts'
import type { Values } from '../settings/table.ts'
import { vaultSources } from './vault.ts'

/** Seconds from one look to the next where --watch says nothing. */
const WATCH_INTERVAL = 2

/**
 * The command line with its configuration.
 * @param argv without node and the program
 * @throws {PlayError} code 'usage' {PlayErrors} code 'config'
 */
export const parseArguments = (
  argv: readonly string[],
  env: Environment = process.env,
  cwd: string = process.cwd(),
): Options => withSettings(parseCommandLine(argv), env, cwd)

/** @throws {PlayErrors} code 'config' */
export function withSettings(
  request: Request,
  env: Environment = process.env,
  cwd: string = process.cwd(),
): Options {
  const { command, mode, playbooks, flags, vault, shows } = request
  const settings = readSettings(flags, { env, cwd, playbook: playbookOf(request, cwd) })
  const { values } = settings
  return {
    command,
    mode,
    playbooks,
    ...ofSettings(values),
    inventory: values.inventory ?? (existsSync(join(cwd, 'inventory')) ? ['inventory'] : []),
    runsPrograms: settings.origins.inventory.from !== 'default',
    check: flags.check ?? false,
    limit: flags.limit,
    startAtTask: flags.startAtTask,
    language: flags.language,
    vaultIds: vaultSources(flags, values),
    extraVars: flags.extraVars ?? [],
    output: flags.output ?? 'text',
    watch: flags.watch === true ? WATCH_INTERVAL : flags.watch,
    write: flags.write ?? false,
    out: flags.out,
    lock: flags.lock ?? true,
    json: flags.json ?? false,
    settings,
    vault,
    shows,
  }
}

/** The options that settings alone decide. */
export const ofSettings = (values: Values) => ({
  diff: values.diff,
  tags: values.run_tags,
  skipTags: values.skip_tags,
  forks: values.forks,
  maxOutput: values.max_output,
  verbosity: Math.min(values.verbosity, 4),
  become: values.become,
  becomeUser: values.become_user,
  user: values.remote_user,
  askBecomePass: values.become_ask_pass,
  becomePasswordFile: values.become_password_file,
  askPass: values.ask_pass,
  privateKey: values.private_key_file,
  vaultIdMatch: values.vault_id_match,
  vaultEncryptIdentity: values.vault_encrypt_identity,
  forceHandlers: values.force_handlers,
  timeout: values.timeout,
  color: colorOf(values),
  destructive: values.destructive,
  waitForLock: values.wait_for_lock,
})

/** Undefined: where it is a terminal. */
const colorOf = ({ force_color, nocolor }: Values): boolean | undefined =>
  force_color ? true : nocolor ? false : undefined

/** Whose folder may have a play.yaml. A plan names the playbooks that it was made of. */
function playbookOf({ command, playbooks }: Request, cwd: string): string | undefined {
  const [named] = playbooks
  if (named === undefined || (command !== 'apply' && command !== 'show')) return named
  try {
    const plan: { playbooks?: unknown[] } | null = JSON.parse(readFileSync(resolve(cwd, named), 'utf8'))
    const first = plan?.playbooks?.[0]
    return typeof first === 'string' ? first : undefined
  } catch {
    // What is wrong with it is told by whoever reads it.
    return undefined
  }
}
