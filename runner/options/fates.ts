import type { RunFlags } from '../help.ts'
import type { SettingName } from '../settings/table.ts'

/**
 * What becomes of an option or a setting between a plan and `play apply`.
 * - kept: it decides where, as whom or what is done. The plan keeps it, and nobody says it anew.
 * - again: it is given again to apply, and must be the same.
 * - free: how passwords are got, how fast it goes, what is shown. What counts is what apply is told.
 * - refused: it asks for something else than what apply does.
 */
type Fate = 'kept' | 'again' | 'free' | 'refused'

/** All options of the command line. */
export const OPTION_FATES: Readonly<Record<keyof RunFlags, Fate>> = {
  inventory: 'kept',
  limit: 'kept',
  extraVars: 'again',
  tags: 'kept',
  skipTags: 'kept',
  startAtTask: 'kept',
  language: 'kept',
  check: 'refused',
  out: 'refused',
  listHosts: 'refused',
  listTasks: 'refused',
  listTags: 'refused',
  syntaxCheck: 'refused',
  destructive: 'free',
  diff: 'free',
  forks: 'free',
  // What is cut of a command's output is missing in what tasks behind it read.
  maxOutput: 'kept',
  timeout: 'free',
  forceHandlers: 'kept',
  waitForLock: 'free',
  lock: 'free',
  user: 'kept',
  privateKey: 'kept',
  keyFile: 'kept',
  connection: 'kept',
  sshCommonArgs: 'kept',
  sshExtraArgs: 'kept',
  become: 'kept',
  becomeUser: 'kept',
  becomeMethod: 'kept',
  askPass: 'free',
  askBecomePass: 'free',
  becomePasswordFile: 'free',
  becomePassFile: 'free',
  vaultId: 'free',
  vaultPasswordFile: 'free',
  vaultPassFile: 'free',
  askVaultPass: 'free',
  askVaultPassword: 'free',
  output: 'free',
  watch: 'free',
  write: 'free',
  json: 'free',
  verbose: 'free',
  color: 'free',
  version: 'free',
  help: 'free',
}

/** All settings (settings/table.ts), wherever they are said. */
export const SETTING_FATES: Readonly<Record<SettingName, 'kept' | 'free'>> = {
  inventory: 'kept',
  roles_path: 'kept',
  collections_path: 'kept',
  language: 'kept',
  remote_user: 'kept',
  remote_port: 'kept',
  private_key_file: 'kept',
  transport: 'kept',
  host_key_checking: 'kept',
  ssh_args: 'kept',
  ssh_common_args: 'kept',
  ssh_extra_args: 'kept',
  become: 'kept',
  become_user: 'kept',
  become_method: 'kept',
  ansible_managed: 'kept',
  gathering: 'kept',
  strategy: 'kept',
  any_errors_fatal: 'kept',
  force_handlers: 'kept',
  no_log: 'kept',
  run_tags: 'kept',
  skip_tags: 'kept',
  max_output: 'kept',
  ask_pass: 'free',
  connection_password_file: 'free',
  timeout: 'free',
  become_ask_pass: 'free',
  become_password_file: 'free',
  vault_password_file: 'free',
  vault_identity_list: 'free',
  vault_identity: 'free',
  vault_encrypt_identity: 'free',
  vault_id_match: 'free',
  ask_vault_pass: 'free',
  forks: 'free',
  wait_for_lock: 'free',
  destructive: 'free',
  verbosity: 'free',
  diff: 'free',
  display_ok_hosts: 'free',
  display_skipped_hosts: 'free',
  force_color: 'free',
  nocolor: 'free',
}

/** As the command line has them. */
export const optionsOf = (flags: RunFlags, fate: Fate): string[] =>
  (Object.keys(OPTION_FATES) as (keyof RunFlags)[])
    .filter((flag) => OPTION_FATES[flag] === fate && flags[flag] !== undefined)
    .map((flag) => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
