import { STRATEGIES } from '../load/types.ts'
import type { ValueOf } from './setting.ts'
import { DISPLAY } from './table-display.ts'
import { LOGIN } from './table-login.ts'
import { choice, count, flag, folders, path, size, sources, text, vaultIds, words } from './types.ts'

/**
 * All that may be configured. Names are those of Ansible's ansible.cfg where it has them (ansible/config/base.yml, and the
 * options of its plugins ssh, sudo and default). play.yaml has them as keys, the environment as PLAY_NAME.
 */
export const SETTINGS = {
  inventory: sources({
    summary: 'The inventory.',
    unset: '`./inventory`, where it is there',
    ansible: 'DEFAULT_HOST_LIST',
    ini: ['defaults.inventory'],
    env: ['ANSIBLE_INVENTORY'],
    option: '-i',
    given: ({ inventory }) => inventory,
    default: undefined,
  }),
  roles_path: folders({
    summary: 'Where roles are looked for, behind `roles/` beside the playbook.',
    ansible: 'DEFAULT_ROLES_PATH',
    ini: ['defaults.roles_path'],
    env: ['ANSIBLE_ROLES_PATH'],
    default: ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles'],
  }),
  collections_path: folders({
    summary: 'Where collections are looked for, behind `collections/` beside the playbook.',
    ansible: 'COLLECTIONS_PATHS',
    ini: ['defaults.collections_paths', 'defaults.collections_path'],
    env: ['ANSIBLE_COLLECTIONS_PATHS', 'ANSIBLE_COLLECTIONS_PATH'],
    default: ['~/.ansible/collections', '/usr/share/ansible/collections'],
  }),
  language: choice(['native', 'jinja'], {
    summary: 'The language of the files below this play.yaml (docs/decisions/0026-two-languages.md).',
    ofProject: true,
    option: '--language',
    given: ({ language }) => language,
    default: 'native',
  }),
  ...LOGIN,
  vault_password_file: path({
    summary:
      'A file with the vault password, or a program that prints it; those of the options count besides.',
    ansible: 'DEFAULT_VAULT_PASSWORD_FILE',
    ini: ['defaults.vault_password_file'],
    env: ['ANSIBLE_VAULT_PASSWORD_FILE'],
    default: undefined,
  }),
  vault_identity_list: vaultIds({
    summary: 'More of them, as `--vault-id` has them; those of the options count besides.',
    ansible: 'DEFAULT_VAULT_IDENTITY_LIST',
    ini: ['defaults.vault_identity_list'],
    env: ['ANSIBLE_VAULT_IDENTITY_LIST'],
    default: [],
  }),
  vault_identity: text({
    summary: 'The label of passwords that have none.',
    ansible: 'DEFAULT_VAULT_IDENTITY',
    ini: ['defaults.vault_identity'],
    env: ['ANSIBLE_VAULT_IDENTITY'],
    default: 'default',
  }),
  vault_encrypt_identity: text({
    summary: 'The label to encrypt under, where several passwords are given.',
    ansible: 'DEFAULT_VAULT_ENCRYPT_IDENTITY',
    ini: ['defaults.vault_encrypt_identity'],
    env: ['ANSIBLE_VAULT_ENCRYPT_IDENTITY'],
    default: undefined,
  }),
  vault_id_match: flag({
    summary: 'A text with a label is opened with passwords of this label alone.',
    ansible: 'DEFAULT_VAULT_ID_MATCH',
    ini: ['defaults.vault_id_match'],
    env: ['ANSIBLE_VAULT_ID_MATCH'],
    default: false,
  }),
  ask_vault_pass: flag({
    summary: 'Ask for the vault password.',
    ansible: 'DEFAULT_ASK_VAULT_PASS',
    ini: ['defaults.ask_vault_pass'],
    env: ['ANSIBLE_ASK_VAULT_PASS'],
    option: '--ask-vault-pass',
    given: ({ askVaultPass, askVaultPassword }) => askVaultPass ?? askVaultPassword,
    default: false,
  }),
  ansible_managed: text({
    summary:
      'What templates call `ansible_managed`: with `{file}`, `{host}`, `{uid}`, and the letters of strftime for when the template was changed.',
    ansible: 'DEFAULT_MANAGED_STR',
    ini: ['defaults.ansible_managed'],
    env: [],
    default: 'Ansible managed',
  }),
  forks: count(1, 10_000, {
    summary: 'Hosts at the same time.',
    ansible: 'DEFAULT_FORKS',
    ini: ['defaults.forks'],
    env: ['ANSIBLE_FORKS'],
    option: '-f',
    given: ({ forks }) => forks,
    default: 50,
  }),
  gathering: choice(['implicit', 'explicit', 'smart'], {
    summary:
      'Whether plays gather facts that do not say it: `explicit` is no. Hosts whose facts are known are left out.',
    ansible: 'DEFAULT_GATHERING',
    ini: ['defaults.gathering'],
    env: ['ANSIBLE_GATHERING'],
    default: 'implicit',
  }),
  strategy: choice(
    STRATEGIES,
    {
      summary: 'Of plays that name none. `mitogen_linear` and the like are taken for what they make faster.',
      ansible: 'DEFAULT_STRATEGY',
      ini: ['defaults.strategy'],
      env: ['ANSIBLE_STRATEGY'],
      default: 'linear',
    },
    { mitogen: 'linear', mitogen_linear: 'linear', mitogen_free: 'free', mitogen_host_pinned: 'host_pinned' },
  ),
  any_errors_fatal: flag({
    summary: 'A failure on one host ends the run on all, in plays that do not say it.',
    ansible: 'ANY_ERRORS_FATAL',
    ini: ['defaults.any_errors_fatal'],
    env: ['ANSIBLE_ANY_ERRORS_FATAL'],
    default: false,
  }),
  force_handlers: flag({
    summary: 'Run notified handlers on hosts that failed, too.',
    ansible: 'DEFAULT_FORCE_HANDLERS',
    ini: ['defaults.force_handlers'],
    env: ['ANSIBLE_FORCE_HANDLERS'],
    option: '--force-handlers',
    given: ({ forceHandlers }) => forceHandlers,
    default: false,
  }),
  no_log: flag({
    summary: 'What tasks do and answer is not shown, in plays that do not say it.',
    ansible: 'DEFAULT_NO_LOG',
    ini: ['defaults.no_log'],
    env: ['ANSIBLE_NO_LOG'],
    default: false,
  }),
  run_tags: words({
    summary: 'Only tasks with one of these tags.',
    unset: 'all',
    ansible: 'TAGS_RUN',
    ini: ['tags.run'],
    env: ['ANSIBLE_RUN_TAGS'],
    option: '-t',
    given: ({ tags }) => tags,
    default: [],
  }),
  skip_tags: words({
    summary: 'All but tasks with one of these tags.',
    unset: 'none',
    ansible: 'TAGS_SKIP',
    ini: ['tags.skip'],
    env: ['ANSIBLE_SKIP_TAGS'],
    option: '--skip-tags',
    given: ({ skipTags }) => skipTags,
    default: [],
  }),
  max_output: size({
    summary: 'So much of the output of each command is kept, its head and its tail.',
    unset: '2M',
    option: '--max-output',
    given: ({ maxOutput }) => maxOutput,
    default: 2 * 1024 ** 2,
  }),
  wait_for_lock: count(0, 86_400, {
    summary: 'Seconds to wait for another run that is at work on these hosts; 0 refuses.',
    option: '--wait-for-lock',
    given: ({ waitForLock }) => waitForLock,
    default: 0,
  }),
  destructive: flag({
    summary: 'False: a run is refused that would drop, restart or replace something.',
    option: '--no-destructive',
    given: ({ destructive }) => (destructive === false ? false : undefined),
    default: true,
  }),
  ...DISPLAY,
}

export type SettingName = keyof typeof SETTINGS
export type Values = { [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> }
