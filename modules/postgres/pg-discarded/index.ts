import * as z from 'zod'
import { counted } from '../../../contract/counted.ts'
import { Refusal, SqlError } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, text } from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { type Cluster, requireCluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { type Commits, readCommits } from '../../../postgres/rewind/commits.ts'
import { keptCopies } from '../../../postgres/rewind/keep.ts'
import { isCutShort, readRewindMark } from '../../../postgres/rewind/mark.ts'
import { parseFence } from '../../../postgres/standby/fence.ts'
import { signalOf } from '../../../postgres/standby/signal.ts'
import { requirePassfile, upstreamName, upstreamParams } from '../../../postgres/standby/upstream.ts'
import { refuseAtWork } from './at-work.ts'
import { readFork } from './fork.ts'
import { readTables, type Tables } from './tables.ts'

const params = z.strictObject({
  ...clusterParams,
  upstream: upstreamParams.meta({
    description: 'The server that took over, running.',
    example: { host: 'vm4', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' },
  }),
  discarded: choice('refuse', 'accept', 'drop').default('refuse').meta({
    description:
      'What of its own clients would be thrown away: `refuse`, with the numbers; `accept`, and write the rows that can be read into a file beside the data directory; `drop`, and keep nothing.',
  }),
  hint: text().optional().meta({ unset: 'none', description: 'What to do where it is refused.' }),
})
type Params = z.output<typeof params>

interface State {
  cluster: Cluster
  /** null: nothing can be there. */
  commits: Commits | { unknown: string } | null
  /** Where they parted, and where that is on no timeline, null. */
  fork: { timeline: number; lsn: string } | null
  tables: Tables
  /** An earlier pg_rewind began, and did not end. */
  cutShort: boolean
  /** Copies that were made before a rewind. */
  kept: string[]
  /** What the file of rows holds now. */
  written: string | null
}

const NO_TABLES: Tables = { changes: [], rows: [], untold: [] }

/** Finds what a former primary has committed since another server took over from it, and what is lost with it. */
export const pgDiscardedModule = defineModule<Params, State>({
  name: 'pg_discarded',
  summary:
    'Finds what a former primary committed after another server took over, and refuses to let it be thrown away until told',
  params,
  inspect,
  plan,
  result: ({ state: { commits, cutShort, cluster, fork, tables } }) => ({
    own: commits && 'own' in commits ? commits.own : 0,
    replicated: commits && 'own' in commits ? commits.replicated : 0,
    unknown: commits && 'unknown' in commits ? commits.unknown : null,
    lost: commits !== null && ('unknown' in commits || commits.own + commits.replicated > 0),
    rewind_cut_short: cutShort,
    tables: tables.changes,
    rows_file: fork && tables.rows.length > 0 ? rowsFile(cluster, fork) : null,
  }),
})

async function inspect(host: HostReader, given: Params): Promise<State> {
  const cluster = await requireCluster(host, given)
  await requirePassfile(host, given.upstream)
  const base = {
    cluster,
    commits: null,
    fork: null,
    tables: NO_TABLES,
    cutShort: false,
    kept: [],
    written: null,
  }
  const signal = await host.readFile(signalOf(cluster.dataDir))
  const isFenced = parseFence(signal?.toString()) !== null
  const isStandby = (cluster.recovery || signal !== null) && !isFenced
  if (isStandby || cluster.copyOf !== undefined || cluster.fresh) return base
  await refuseAtWork(host, cluster.dataDir)
  const [fork, mark, kept] = await Promise.all([
    readFork(host, cluster, given.upstream),
    readRewindMark(host, cluster.dataDir),
    keptCopies(host, cluster),
  ])
  if (fork.kind === 'none') return { ...base, kept }
  if (fork.kind === 'unknown') return { ...base, commits: { unknown: fork.why }, kept }
  const { control, lsn } = fork
  const commits = await readCommits(host, cluster, control, lsn)
  const place = { timeline: control.timeline, lsn }
  const found = { ...base, commits, fork: place, cutShort: isCutShort(mark, control), kept }
  if ('unknown' in commits || commits.own === 0) return found
  const tables = await look(host, cluster, given, commits)
  const written = await host.readFile(rowsFile(cluster, place))
  return { ...found, tables, written: written?.toString() ?? null }
}

/** A server that runs is asked itself, as one that is only planned to stop. */
async function look(host: HostReader, cluster: Cluster, { discarded }: Params, commits: Commits) {
  const runs = cluster.running || host.predicted(clusterKey(cluster.version, cluster.name)) !== undefined
  const on = { ...targetOf(cluster), ...(runs ? {} : { peek: true }) }
  try {
    return await readTables(host, on, commits, discarded === 'accept')
  } catch (error) {
    if (!(error instanceof UnknownError || error instanceof SqlError)) throw error
    return { ...NO_TABLES, untold: [`which tables and rows they have changed: ${error.message}`] }
  }
}

const rowsFile = ({ dataDir }: Cluster, { timeline, lsn }: NonNullable<State['fork']>): string =>
  `${dataDir}.discarded-since-${timeline}-${lsn.replace('/', '_')}.jsonl`

function plan(state: State, given: Params): Plan {
  const { cluster, commits, fork, tables, written } = state
  refuse(state, given)
  const notes = notesOn(state, given)
  if (!commits || given.discarded !== 'accept' || tables.rows.length === 0)
    return { changes: [], steps: [], notes }
  const content = `${tables.rows.join('\n')}\n`
  if (content === written) return { changes: [], steps: [], notes }
  const path = rowsFile(cluster, fork!)
  return {
    changes: [
      {
        path,
        before: written === null ? null : 'other rows',
        after: `${counted(tables.rows.length, 'row')} that would be thrown away`,
      },
    ],
    steps: [
      {
        do: 'write_file',
        path,
        content,
        owner: 'postgres',
        group: 'postgres',
        mode: '0600',
        backup: written !== null,
      },
    ],
    notes,
  }
}

/** @throws {Refusal} */
function refuse(state: State, { upstream, discarded, hint }: Params): void {
  const { cluster, commits, cutShort, tables } = state
  if (!commits || discarded !== 'refuse') return
  const name = `cluster ${cluster.version}/${cluster.name}`
  if ('unknown' in commits) {
    // What is left of a rewind that began tells nothing; the run that began it has asked.
    if (cutShort) return
    throw new Refusal(
      `nobody can tell whether ${name} has committed anything that ${upstreamName(upstream)} never got: ${commits.unknown}`,
      hint,
    )
  }
  if (commits.own === 0) return
  throw new Refusal(
    `${name} has committed ${counted(commits.own, 'transaction')} of its own clients that ${upstreamName(upstream)} never got, and they would be thrown away`,
    hint,
    [...figures(state), ...tables.changes, ...tables.untold.map((what) => `cannot be told: ${what}`)],
  )
}

function figures({ commits, fork }: State): string[] {
  if (!commits || 'unknown' in commits) return []
  return [
    ...(fork ? [`they parted at ${fork.lsn} on timeline ${fork.timeline}`] : []),
    ...(commits.own > 0 ? [`the first at ${commits.first}, the last at ${commits.last}`] : []),
    ...(commits.replicated > 0
      ? [
          `${counted(commits.replicated, 'transaction')} besides came from its publishers, which may still have the rows`,
        ]
      : []),
  ]
}

function notesOn(state: State, { discarded }: Params): string[] {
  const { commits, cutShort, kept, tables } = state
  const notes: string[] = []
  if (cutShort)
    notes.push(
      'an earlier pg_rewind was cut short: what it left cannot be trusted, and only a new copy helps',
    )
  if (cutShort || commits)
    notes.push(...kept.map((path) => `${path} is kept from before a rewind; remove it when nobody misses it`))
  if (!commits) return notes
  if ('unknown' in commits) notes.push(`what it has committed since cannot be told: ${commits.unknown}`)
  else if (commits.own + commits.replicated > 0) {
    notes.push(
      `${counted(commits.own, 'transaction')} of its own clients will be thrown away`,
      ...figures(state),
      ...tables.changes,
    )
    const said = discarded === 'accept' ? 'not in the file of rows' : 'cannot be told'
    notes.push(...tables.untold.map((what) => `${said}: ${what}`))
  }
  return notes
}
