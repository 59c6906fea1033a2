import type { HostReader } from '../../../contract/host.ts'
import { packageKey, plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { listsFetchedKey } from '../shared/predictions.ts'
import {
  type PackageChange,
  parseSimulation,
  parseWanted,
  versionMatches,
  type Wanted,
} from '../shared/simulate.ts'
import type { InstallParams } from './index.ts'
import { simulate } from './preview.ts'

export interface InstallState {
  /** dpkg was stopped half-way and must be set right first. */
  interrupted: boolean
  /** The lists are older than cache_valid_time, and the task asks for fresh ones. */
  stale: boolean
  /** seconds since the lists were fetched; undefined where nobody noted it */
  age?: number
  /** Words for apt-get, without its common options: one list for each transaction, in order. */
  transactions: string[][]
  /** What they will change, in apt's order. */
  packages: PackageChange[]
  /** Versions for which a package will make cluster main. */
  newClusters: string[]
  /** name → version, of the named packages as they are now. */
  installed: Record<string, string | null>
  plannedPackages: string[]
  notes: string[]
}

interface Present {
  version: string | null
  held: boolean
  /** Removed, with its configuration files still there. */
  leftovers: boolean
  /** dpkg was stopped while it unpacked it: apt takes it for installed, and installs it again only if told so. */
  broken: boolean
}

export async function inspectInstall(host: HostReader, params: InstallParams): Promise<InstallState> {
  const wanted = (params.name ?? []).map(parseWanted)
  const [present, updates, freshness] = await Promise.all([
    inspectPackages(host, wanted),
    host.list('/var/lib/dpkg/updates'),
    params.update_cache ? inspectLists(host, params.cache_valid_time) : { stale: false },
  ])
  const held = wanted.filter(
    (one) => params.state === 'latest' && present.get(one.name)?.held && present.get(one.name)?.version,
  )
  const state: InstallState = {
    // apt itself looks for files named by digits alone.
    interrupted: (updates ?? []).some((name) => /^\d+$/.test(name)),
    ...freshness,
    transactions: transactionsFor(
      params,
      wanted.filter((one) => !held.includes(one)),
      present,
    ),
    packages: [],
    newClusters: [],
    installed: Object.fromEntries(wanted.map((one) => [one.name, present.get(one.name)?.version ?? null])),
    plannedPackages: host.predicted(plannedPackagesKey()) ?? [],
    notes: held.map(
      (one) =>
        `${one.name} is held at ${present.get(one.name)?.version} and stays (apt-mark unhold ${one.name} releases it)`,
    ),
  }
  // Lists that an earlier task only planned to fetch are as old here as they were.
  const refresh = state.stale || host.predicted(listsFetchedKey()) === true
  const simulations = await Promise.all(state.transactions.map((words) => simulate(host, words, refresh)))
  const overPlanned = await changesOverPlanned(host, wanted, params.state)
  // What an earlier planned task brings is no change of this one.
  state.packages = merged([...simulations.flatMap(parseSimulation), ...overPlanned]).filter(
    ({ name, after }) => host.predicted(packageKey(name))?.version !== after || after === null,
  )
  for (const change of state.packages) if (present.get(change.name)?.broken) change.before = 'half-installed'
  state.transactions = state.transactions.filter(
    (_, at) => overPlanned.length > 0 || parseSimulation(simulations[at]!).length > 0,
  )
  state.newClusters = await clustersMade(host, state.packages)
  return state
}

/** What an earlier task plans to install or to remove, and this one undoes: apt has not done it, and sees nothing to do. */
async function changesOverPlanned(
  host: HostReader,
  wanted: readonly Wanted[],
  state: InstallParams['state'],
): Promise<PackageChange[]> {
  const undone = wanted.flatMap(({ name }) => {
    const planned = host.predicted(packageKey(name))
    return planned && (planned.version === null) === (state !== 'absent')
      ? [{ name, before: planned.version }]
      : []
  })
  if (state === 'absent') return undone.map((one) => ({ ...one, after: null }))
  const real = await readPackages(
    host,
    undone.map(({ name }) => name),
  )
  // What is not there now either is what apt's simulation tells of.
  return undone.flatMap((one) => {
    const after = real.get(one.name)?.version ?? null
    return after === null ? [] : [{ ...one, after }]
  })
}

/** The apt-get words for what is not as wanted yet. */
function transactionsFor(params: InstallParams, wanted: Wanted[], present: Map<string, Present>): string[][] {
  const flags = [
    ...(params.install_recommends === undefined
      ? []
      : [params.install_recommends ? '--install-recommends' : '--no-install-recommends']),
    ...(params.allow_downgrade ? ['--allow-downgrades'] : []),
    ...(params.default_release === undefined ? [] : ['-t', params.default_release]),
  ]
  const transactions: string[][] = []
  if (params.upgrade === 'safe') transactions.push(['upgrade', '--with-new-pkgs', ...flags])
  if (params.upgrade === 'full' || params.upgrade === 'dist') transactions.push(['dist-upgrade', ...flags])
  if (params.state === 'absent') {
    const remove = [...(params.purge ? ['--purge'] : []), ...(params.autoremove ? ['--auto-remove'] : [])]
    const gone = wanted.filter(
      ({ name }) =>
        present.get(name)?.version != null ||
        present.get(name)?.broken ||
        (params.purge && present.get(name)?.leftovers),
    )
    if (gone.length > 0) transactions.push(['remove', ...remove, ...gone.map((one) => one.name)])
    else if (params.autoremove) transactions.push(['autoremove', ...(params.purge ? ['--purge'] : [])])
    return transactions
  }
  const missing = wanted.filter((one) => !satisfied(one, present.get(one.name), params.state))
  const again = missing.some(({ name }) => present.get(name)?.broken) ? ['--reinstall'] : []
  if (missing.length > 0)
    transactions.push(['install', ...flags, ...again, ...missing.map((one) => one.word)])
  if (params.autoremove) transactions.push(['autoremove', ...(params.purge ? ['--purge'] : [])])
  return transactions
}

function satisfied(wanted: Wanted, present: Present | undefined, state: InstallParams['state']): boolean {
  if (present?.version == null) return false
  if (wanted.version !== undefined) return versionMatches(present.version, wanted.version)
  return state === 'present' && wanted.release === undefined
}

/** As they are, or as earlier tasks plan them. */
async function inspectPackages(host: HostReader, wanted: readonly Wanted[]): Promise<Map<string, Present>> {
  const planned = wanted.flatMap(({ name }): [string, Present][] => {
    const prediction = host.predicted(packageKey(name))
    return prediction
      ? [[name, { version: prediction.version, held: false, leftovers: false, broken: false }]]
      : []
  })
  const found = new Map(planned)
  const ask = wanted.map(({ name }) => name).filter((name) => !found.has(name))
  return new Map([...found, ...(await readPackages(host, ask))])
}

async function readPackages(host: HostReader, ask: readonly string[]): Promise<Map<string, Present>> {
  const found = new Map<string, Present>()
  const names = [...new Set(ask.map((one) => one.split(':')[0]!))]
  for (const { name, architecture, want, status, version } of await host.packages(names)) {
    const there = status === 'installed' || status.startsWith('triggers-')
    const one = {
      version: there ? version : null,
      held: want === 'hold',
      leftovers: status === 'config-files',
      broken: status === 'half-installed',
    }
    // A name without an architecture means the host's own, which dpkg has besides foreign ones.
    if (ask.includes(name) && !found.get(name)?.version) found.set(name, one)
    if (ask.includes(`${name}:${architecture}`)) found.set(`${name}:${architecture}`, one)
  }
  return found
}

/**
 * When all lists were last fetched: apt's stamp, which play renews, too. Their own times tell nothing, since fetching
 * one repository's lists changes the folder.
 */
async function inspectLists(host: HostReader, valid: number): Promise<{ stale: boolean; age?: number }> {
  if (valid > 0 && host.predicted(listsFetchedKey())) return { stale: false }
  const [stamp, now] = await Promise.all([
    host.stat('/var/lib/apt/periodic/update-success-stamp'),
    host.now(),
  ])
  if (!stamp) return { stale: true }
  const age = Math.max(0, now - stamp.mtime)
  return { stale: age >= valid, age }
}

/** Where the package postgresql-NN, installed for the first time, will make cluster main (postgresql-common, configure_version). */
async function clustersMade(host: HostReader, packages: readonly PackageChange[]): Promise<string[]> {
  const versions = packages.flatMap(({ name, before, after }) =>
    before === null && after !== null ? (/^postgresql-(\d+)$/.exec(name)?.[1] ?? []) : [],
  )
  if (versions.length === 0) return []
  const config = await createclusterText(host)
  const value = [...config.matchAll(/^[ \t]*create_main_cluster(?:[ \t]*=)?[ \t]*'?(\w+)'?/gm)].at(-1)?.[1]
  if (value !== undefined && /^(off?|f(a|al|als|alse)?|no?|0)$/i.test(value)) return []
  const clusters = await Promise.all(versions.map((version) => host.list(`/etc/postgresql/${version}`)))
  return versions.filter((_, at) => (clusters[at] ?? []).length === 0)
}

/** createcluster.conf and, as the package's own file includes it, createcluster.d: the last word wins. */
async function createclusterText(host: HostReader): Promise<string> {
  const folder = '/etc/postgresql-common'
  const [main, names] = await Promise.all([
    host.readFile(`${folder}/createcluster.conf`),
    host.list(`${folder}/createcluster.d`),
  ])
  const included = !main || /^[ \t]*include_dir\b/m.test(main.toString())
  const paths = included ? (names ?? []).filter((name) => /^[^.].*\.conf$/.test(name)) : []
  const more = await Promise.all(paths.map((name) => host.readFile(`${folder}/createcluster.d/${name}`)))
  return [main, ...more].map((text) => text?.toString('utf8') ?? '').join('\n')
}

function merged(changes: readonly PackageChange[]): PackageChange[] {
  const byName = new Map<string, PackageChange>()
  for (const change of changes) {
    const earlier = byName.get(change.name)
    byName.set(change.name, earlier ? { ...change, before: earlier.before } : change)
  }
  return [...byName.values()]
}
