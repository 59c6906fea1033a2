import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { DpkgPackage } from '../../../contract/host.ts'
import { packageKey, plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { aptInstallModule } from '../../../modules/packages/apt-install/index.ts'
import { listsFetchedKey, plannedSourcesKey } from '../../../modules/packages/shared/predictions.ts'
import { APT_PREVIEW_SCRIPT } from '../../../modules/packages/shared/scripts.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { predictionOf } from '../../support/facts.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

// Recorded on Debian 12 with apt 2.6.
const INSTALL = `Reading package lists...
Building dependency tree...
Reading state information...
The following additional packages will be installed:
  libpq5 postgresql-common
0 upgraded, 3 newly installed, 0 to remove and 0 not upgraded.
Inst libpq5 (15.18-0+deb12u1 Debian:12.15/oldstable [amd64])
Inst postgresql-common (248+deb12u1 Debian:12.15/oldstable [all])
Inst postgresql-15 (15.18-0+deb12u1 Debian:12.15/oldstable [amd64])
Conf libpq5 (15.18-0+deb12u1 Debian:12.15/oldstable [amd64])
Conf postgresql-common (248+deb12u1 Debian:12.15/oldstable [all])
Conf postgresql-15 (15.18-0+deb12u1 Debian:12.15/oldstable [amd64])
`
const REMOVE = `Remv postgresql [15+248+deb12u1]
Remv postgresql-15 [15.18-0+deb12u1]
`
const row = (name: string, version: string, status = 'installed', want = 'install'): DpkgPackage[] => [
  { name, architecture: 'amd64', want, status, version },
]
const APT = 'apt-get -s*'

async function planFor(args: unknown, options: FakeHostOptions = {}) {
  const host = fakeHost({
    ...options,
    now: 1_700_001_000,
    reads: { [APT]: INSTALL, ...options.reads },
  })
  const params = aptInstallModule.params.parse(args)
  const state = await aptInstallModule.inspect(host, params)
  return { host, state, params, plan: aptInstallModule.plan(state, params) }
}
const aptWords = (plan: { steps: readonly object[] }) =>
  plan.steps
    .flatMap((step) => ('argv' in step ? [(step as { argv: string[] }).argv] : []))
    .filter((argv) => argv[0] === 'apt-get')

describe('apt_install', () => {
  it('asks a check and the run alike for the versions of a release', async () => {
    const { plan } = await planFor(
      { name: 'postgresql-15', default_release: 'bookworm-pgdg' },
      { reads: { [APT]: REMOVE, 'apt-get -s*-t bookworm-pgdg postgresql-15': INSTALL } },
    )
    expect(aptWords(plan)[0]!.slice(-4)).toEqual(['install', '-t', 'bookworm-pgdg', 'postgresql-15'])
  })

  it('names every package that comes, with its version', async () => {
    const { plan } = await planFor({ name: 'postgresql-15' })
    expect(plan.changes).toEqual([
      { path: 'package libpq5', before: null, after: '15.18-0+deb12u1' },
      { path: 'package postgresql-common', before: null, after: '248+deb12u1' },
      { path: 'package postgresql-15', before: null, after: '15.18-0+deb12u1' },
    ])
    expect(aptWords(plan)[0]).toEqual(
      expect.arrayContaining([
        '-y',
        'DPkg::Lock::Timeout=120',
        'install',
        'postgresql-15',
        'Dpkg::Options::=--force-confold',
      ]),
    )
  })

  it('undoes what an earlier task of the check plans, of which apt knows nothing', async () => {
    const nothing = { [APT]: '' }
    const installed = await planFor({ name: 'libpq5' })
    const gone = await planFor(
      { name: 'libpq5', state: 'absent' },
      { plans: [installed.plan], reads: nothing },
    )
    expect(gone.plan.changes).toMatchObject([{ path: 'package libpq5', after: null, destructive: true }])
    const packages = row('libpq5', '15.1')
    const removed = await planFor(
      { name: 'libpq5', state: 'absent' },
      { reads: { ...nothing, [APT]: 'Remv libpq5 [15.1]\n' }, packages },
    )
    const back = await planFor({ name: 'libpq5' }, { plans: [removed.plan], reads: nothing, packages })
    expect(back.plan.changes).toEqual([{ path: 'package libpq5', before: null, after: '15.1' }])
    const settled = await planFor(
      { name: 'libpq5' },
      { plans: [removed.plan, back.plan], reads: nothing, packages },
    )
    expect(settled.plan.steps).toEqual([])
  })

  it('asks dpkg alone where all is installed', async () => {
    const { host, plan } = await planFor(
      { name: ['libpq5', 'libc6=2.36*'] },
      { packages: [...row('libpq5', '15.1'), ...row('libc6', '2.36-9')] },
    )
    expect(plan).toMatchObject({ changes: [], steps: [] })
    expect(host.asked).toEqual([['libpq5', 'libc6']])
    expect(host.commands).toEqual([])
  })

  it.each([
    ['one that is missing', 'vim', [], ['install', 'vim']],
    ['one with other version than asked for', 'vim=9.1*', row('vim', '9.0-1'), ['install', 'vim=9.1*']],
    [
      'one of which only configuration files are left',
      'vim',
      row('vim', '9.0-1', 'config-files'),
      ['install', 'vim'],
    ],
    [
      'one that an earlier run left unconfigured',
      'vim',
      row('vim', '9.0-1', 'half-configured'),
      ['install', 'vim'],
    ],
    [
      'one that dpkg was unpacking when it was stopped',
      'vim',
      row('vim', '9.0-1', 'half-installed'),
      ['install', '--reinstall', 'vim'],
    ],
  ])('installs %s', async (_what, name, packages, words) => {
    const { state } = await planFor({ name }, { packages })
    expect(state.transactions).toEqual([words])
  })

  it('sees a package that only has to be configured', async () => {
    const { plan } = await planFor(
      { name: 'vim' },
      { packages: row('vim', '9.0', 'unpacked'), reads: { [APT]: 'Conf vim (9.0 Debian [amd64])\n' } },
    )
    expect(plan.changes).toEqual([{ path: 'package vim', before: null, after: '9.0' }])
  })

  it('predicts packages, and the cluster that postgresql-15 makes', async () => {
    const { plan } = await planFor({ name: 'postgresql-15' })
    expect(plan.predicts).toEqual(
      expect.arrayContaining([
        predict(packageKey('postgresql-15'), { version: '15.18-0+deb12u1', status: 'installed' }),
        predict(clusterKey('15', 'main'), { planned: 'package' }),
        predict(plannedPackagesKey(), ['libpq5', 'postgresql-common', 'postgresql-15']),
      ]),
    )
  })

  it.each([
    [
      'createcluster.conf says no',
      { '/etc/postgresql-common/createcluster.conf': 'ssl = on\ncreate_main_cluster = false\n' },
    ],
    [
      'createcluster.d, which the package includes, says no',
      { '/etc/postgresql-common/createcluster.d/play.conf': 'create_main_cluster = false\n' },
    ],
    ['there is one of that version', { '/etc/postgresql/15/other/postgresql.conf': '' }],
  ])('predicts no cluster where %s', async (_what, files) => {
    const { plan } = await planFor({ name: 'postgresql-15' }, { files })
    expect(predictionOf(plan, clusterKey('15', 'main'))).toBeUndefined()
  })

  it('takes packages of earlier planned tasks as installed', async () => {
    const facts = [predict(packageKey('postgresql-15'), { version: '15.18-0+deb12u1', status: 'installed' })]
    const { host, plan } = await planFor({ name: 'postgresql-15' }, { facts })
    expect(plan.steps).toEqual([])
    expect(host.asked).toEqual([])
    expect(host.commands).toEqual([])
  })

  it('leaves out of its changes what an earlier planned task brings along', async () => {
    const facts = [predict(packageKey('libpq5'), { version: '15.18-0+deb12u1', status: 'installed' })]
    const { plan } = await planFor({ name: 'postgresql-15' }, { facts })
    expect(plan.changes.map((change) => change.path)).toEqual([
      'package postgresql-common',
      'package postgresql-15',
    ])
  })

  it('reads the lists of a repository that is only planned', async () => {
    const facts = [
      predict(plannedSourcesKey(), {
        sources: [{ path: '/s', text: 'Types: deb\n' }],
        keys: [{ path: '/k', base64: 'AAAA' }],
        removed: ['/old'],
      }),
    ]
    let given = ''
    const preview = (_argv: readonly string[], stdin = '') => {
      given = stdin
      return INSTALL
    }
    const { host } = await planFor({ name: 'postgresql-15' }, { facts, reads: { 'sh -c *': preview } })
    expect(host.commands.at(-1)).toEqual(
      expect.arrayContaining(['sh', APT_PREVIEW_SCRIPT, 'planned', 'install', 'postgresql-15']),
    )
    expect(given).toBe(
      `remove /old\nput /k AAAA\nsource /s ${Buffer.from('Types: deb\n').toString('base64')}\n`,
    )
  })

  it('refuses in apt words what no repository has', async () => {
    const apt = { code: 100, stderr: 'E: Unable to locate package nosuch\n' }
    const refused = await planFor({ name: 'nosuch' }, { reads: { [APT]: apt } }).catch((error) => error)
    expect(refused).toBeInstanceOf(Refusal)
    expect(refused.message).toContain('Unable to locate package nosuch')
    expect(refused.hint).toContain('repository')
  })

  it('refuses where the planned lists cannot be fetched', async () => {
    const preview = { code: 91, stderr: "E: The repository 'http://x y InRelease' is not signed.\n" }
    const refused = await planFor(
      { name: 'a1', update_cache: true },
      { reads: { 'sh -c *': preview } },
    ).catch((error) => error)
    expect(refused.message).toContain('is not signed')
  })

  it('removes with state absent only what is there, as destructive', async () => {
    const { plan, state } = await planFor(
      { name: ['postgresql-15', 'vim'], state: 'absent', purge: true },
      { packages: row('postgresql-15', '15.18'), reads: { [APT]: REMOVE } },
    )
    expect(state.transactions).toEqual([['remove', '--purge', 'postgresql-15']])
    expect(plan.changes[1]).toEqual({
      path: 'package postgresql-15',
      before: '15.18-0+deb12u1',
      after: null,
      destructive: true,
    })
    expect((await planFor({ name: 'vim', state: 'absent' })).plan.steps).toEqual([])
  })

  it('says that the upgrade of a server package restarts its clusters', async () => {
    const simulated =
      'Inst postgresql-15 [15.18-0+deb12u1] (15.20-0+deb12u1 x [amd64])\nInst libpq5 [15.18] (15.20 x [amd64])\n'
    const { plan } = await planFor(
      { name: ['postgresql-15', 'libpq5'], state: 'latest' },
      { packages: row('postgresql-15', '15.18'), reads: { [APT]: simulated } },
    )
    expect(plan.changes).toMatchObject([
      { path: 'package postgresql-15', destructive: true, reason: 'the package restarts its clusters' },
      { path: 'package libpq5' },
    ])
    expect(plan.changes[1]).not.toHaveProperty('destructive')
  })

  it('leaves a held package with state latest, and says so', async () => {
    const { plan } = await planFor(
      { name: 'vim', state: 'latest' },
      { packages: row('vim', '9.0', 'installed', 'hold') },
    )
    expect(plan.steps).toEqual([])
    expect(plan.notes).toEqual([expect.stringContaining('vim is held at 9.0')])
  })

  it('finishes an interrupted dpkg first', async () => {
    const { plan } = await planFor(
      { name: 'vim' },
      { files: { '/var/lib/dpkg/updates/0001': '' }, packages: row('vim', '9') },
    )
    expect(plan.changes).toEqual([expect.objectContaining({ path: 'dpkg', before: 'interrupted' })])
    expect(plan.steps.at(-1)).toMatchObject({
      argv: ['dpkg', '--configure', '-a', '--force-confdef', '--force-confold'],
    })
  })

  describe('package lists', () => {
    const STAMP = '/var/lib/apt/periodic/update-success-stamp'
    const preview = { 'sh -c *': INSTALL }

    it('are fetched before something is installed, and read ahead', async () => {
      const { plan, host } = await planFor({ name: 'postgresql-15', update_cache: true }, { reads: preview })
      expect(host.commands.at(-1)).toContain('all')
      expect(plan.changes[0]).toEqual({ path: 'package lists', before: null, after: 'fetched' })
      expect(aptWords(plan).map((argv) => argv.includes('update'))).toEqual([true, false])
      expect(predictionOf(plan, listsFetchedKey())).toBe(true)
    })

    it('are left alone where nothing is to be installed', async () => {
      const { plan } = await planFor({ name: 'vim', update_cache: true }, { packages: row('vim', '9') })
      expect(plan.steps).toEqual([])
    })

    it('are fetched for their own sake where no package is named', async () => {
      const { plan } = await planFor(
        { update_cache: true, cache_valid_time: 3600 },
        { files: { [STAMP]: { mtime: 1_699_990_000 } } },
      )
      expect(plan.changes).toEqual([{ path: 'package lists', before: '11000 s old', after: 'fetched' }])
    })

    it('count as fresh for cache_valid_time, and after an earlier planned fetch', async () => {
      const args = { update_cache: true, cache_valid_time: 3600 }
      expect((await planFor(args, { files: { [STAMP]: { mtime: 1_700_000_000 } } })).plan.steps).toEqual([])
      expect((await planFor(args, { facts: [predict(listsFetchedKey(), true)] })).plan.steps).toEqual([])
    })
  })

  it('says what a full disk, or a held lock, means', async () => {
    const { plan, params, state } = await planFor({ name: 'postgresql-15' })
    const ok = { code: 0, stdout: '', stderr: '', seconds: 0 }
    const full = {
      code: 100,
      stdout: '',
      stderr: "E: You don't have enough free space in /var/cache/apt/archives/.\n",
      seconds: 1,
    }
    expect(aptInstallModule.result!({ plan, params, state, outputs: [ok, full] })).toMatchObject({
      failed: true,
      rc: 100,
      msg: expect.stringContaining('the disk is full'),
    })
    const held = {
      ...full,
      stderr: 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (apt-get)\n',
    }
    const { msg } = aptInstallModule.result!({ plan, params, state, outputs: [ok, held] })
    expect(msg).toContain('held by process 4711 (apt-get)')
    expect(msg).toContain('lock_timeout')
  })

  it.each([
    ['an option as a name', { name: '--allow-unauthenticated' }],
    ['a name that apt would remove', { name: 'vim-' }],
    ['a pattern', { name: 'postgres*' }],
    ['nothing to do', {}],
    ['an unknown argument', { name: 'vim', stat: 'latest' }],
  ])('refuses %s before a host is touched', (_what, args) => {
    expect(aptInstallModule.params.safeParse(args).success).toBe(false)
  })
})
