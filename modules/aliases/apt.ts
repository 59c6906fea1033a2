import * as z from 'zod'
import { choice, duration, flag, param, text, texts } from '../../contract/params.ts'
import { aptInstallModule } from '../packages/apt-install/index.ts'
import { defineAlias, given, ignored, refused, refusedSwitch, unlessBlank } from './alias.ts'

const STATES = {
  installed: 'present',
  removed: 'absent',
  present: 'present',
  absent: 'absent',
  latest: 'latest',
} as const

const state = param(
  choice('present', 'installed', 'latest', 'absent', 'removed').default('present'),
  '`installed` is `present`, and `removed` is `absent`.',
)
const names = (aliases: string[]) =>
  param(
    texts().optional(),
    'Packages, also with commas between: `name`, `name=version` with `*` for any end.',
    {
      aliases,
      example: 'curl',
      unset: 'none: only what the others say',
    },
  )

const upgrades = {
  yes: 'safe',
  true: 'safe',
  no: 'no',
  false: 'no',
  safe: 'safe',
  full: 'full',
  dist: 'dist',
} as const

export const aptModule = defineAlias({
  name: 'apt',
  summary: "Ansible's name for apt_install, with Ansible's arguments",
  of: aptInstallModule,
  params: z.strictObject({
    name: names(['package', 'pkg']),
    state,
    update_cache: param(
      flag().default(false),
      'Fetch the package lists first, where something is to be installed.',
      {
        aliases: ['update-cache'],
      },
    ),
    cache_valid_time: param(duration({ whole: true }).default(0), 'How long package lists count as fresh.'),
    upgrade: param(
      z.preprocess(String, choice('no', 'false', 'yes', 'true', 'safe', 'full', 'dist')).default('no'),
      '`yes` and `safe` upgrade all that can be without a removal; `full` and `dist` all.',
    ),
    install_recommends: param(flag().optional(), 'Whether recommended packages come too.', {
      aliases: ['install-recommends'],
      unset: "the host's own setting",
    }),
    allow_downgrade: param(
      flag().default(false),
      'Whether a version older than the installed one may be installed.',
      {
        aliases: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'],
      },
    ),
    purge: param(flag().default(false), 'Remove configuration files with a package.'),
    autoremove: param(
      flag().default(false),
      'Remove packages that were installed for others and are needed no more.',
    ),
    lock_timeout: param(
      duration({ max: 86_400, whole: true }).default(120),
      'How long to wait while another package manager is at work.',
    ),
    deb: refused('put the file into a repository, or install it with command: apt-get install ./FILE'),
    default_release: param(
      unlessBlank(text()),
      'The release whose versions come before those of the others.',
      { aliases: ['default-release'], unset: "the host's own preferences", example: 'bookworm-backports' },
    ),
    only_upgrade: refusedSwitch(false, 'state: latest on packages that are installed does the same'),
    force: refusedSwitch(
      false,
      'it would break the system where packages do not fit; allow_downgrade: true allows older versions',
    ),
    allow_unauthenticated: refusedSwitch(
      false,
      'packages that nobody signed are not installed; add the key with apt_repo',
    ),
    allow_change_held_packages: refusedSwitch(
      false,
      'take the hold off first: command: apt-mark unhold NAME',
    ),
    policy_rc_d: refused('what a package starts, service: stops'),
    fail_on_autoremove: refusedSwitch(false, 'a check says what would be removed'),
    clean: refusedSwitch(false, 'run command: apt-get clean'),
    autoclean: refusedSwitch(false, 'run command: apt-get autoclean'),
    dpkg_options: ignored('changed configuration files are kept, as Ansible does'),
    force_apt_get: ignored('apt-get is what is used'),
    update_cache_retries: ignored('until and retries on the task try again'),
    update_cache_retry_max_delay: ignored('delay on the task says how long to wait'),
    auto_install_module_deps: ignored('nothing is needed on the host'),
  }),
  freeForm: 'name',
  to: ({ name, state, upgrade, update_cache, cache_valid_time, install_recommends, ...rest }) =>
    given({
      name,
      state: STATES[state],
      upgrade: upgrades[upgrade],
      // As in Ansible a time that lists are valid for asks for them.
      update_cache: update_cache || cache_valid_time > 0,
      cache_valid_time,
      install_recommends,
      default_release: rest.default_release,
      allow_downgrade: rest.allow_downgrade,
      purge: rest.purge,
      autoremove: rest.autoremove,
      lock_timeout: rest.lock_timeout,
    }),
})

export const packageModule = defineAlias({
  name: 'package',
  summary: "Ansible's name for apt_install, whatever the system: here it is Debian",
  of: aptInstallModule,
  params: z.strictObject({
    name: names(['pkg']),
    state,
    update_cache: param(
      flag().default(false),
      'Fetch the package lists first, where something is to be installed.',
    ),
    use: param(choice('auto', 'apt', 'ansible.builtin.apt').default('auto'), 'Only `apt` is there.'),
  }),
  freeForm: 'name',
  to: ({ name, state, update_cache }) => given({ name, state: STATES[state], update_cache }),
})
