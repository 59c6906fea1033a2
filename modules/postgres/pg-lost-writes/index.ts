import * as z from 'zod'
import { counted } from '../../../contract/counted.ts'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, flag, nonEmpty, text } from '../../../contract/params.ts'
import { lsn, systemIdentifier } from '../../../postgres/catalog/names.ts'
import { type Cluster, readConfFiles, requireCluster } from '../../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { effectiveSettings } from '../../../postgres/conf/conf-file.ts'
import { lsnBytes } from '../../../postgres/replication/upstream.ts'
import { type Commits, readCommits } from '../../../postgres/rewind/commits.ts'
import { readControl } from '../../../postgres/standby/control.ts'
import { waitsAtCommit, waitsFor } from './synchronous.ts'

const params = z.strictObject({
  ...clusterParams,
  standby: nonEmpty().meta({
    description: 'The standby that takes over, by its application_name.',
    example: 'vm4',
  }),
  replayed: lsn.meta({
    description: 'How far it has replayed, which is all that it has received: pg_last_wal_replay_lsn().',
    example: '0/3000148',
  }),
  system_identifier: systemIdentifier.meta({
    description: 'Of the standby, and so of its primary.',
    example: '7321234567890123456',
  }),
  relaxed: flag().default(false).meta({
    description:
      'Some roles or databases have a synchronous_commit of their own that waits for no standby: then synchronous_standby_names proves nothing.',
  }),
  lost_writes: choice('refuse', 'accept').default('refuse').meta({
    description:
      'What its own clients have committed and the standby has not received: `refuse`, or `accept`.',
  }),
  hint: text().optional().meta({ unset: 'none', description: 'What to do where it is refused.' }),
})
type Params = z.output<typeof params>

interface State {
  cluster: Cluster
  /** Of its own clients, that the standby has not received; null: that cannot be told. */
  commits: Commits | null
  why: string | null
  /** It acknowledged no commit before the standby had it. */
  synchronous: boolean
}

/** Asked of a primary that is dead, on its host, before its standby takes over: its WAL says what the standby lacks. */
export const pgLostWritesModule = defineModule<Params, State>({
  name: 'pg_lost_writes',
  summary:
    'Finds, in the WAL of a dead primary, commits of its own clients that its standby has not received; changes nothing',
  changesNothing: () => true,
  params,
  async inspect(host: HostReader, given): Promise<State> {
    const cluster = await requireCluster(host, given)
    const unknown = (why: string): State => ({ cluster, commits: null, why, synchronous: false })
    if (cluster.running) return unknown('its server runs: it may be writing at this moment')
    const control = await readControl(host, cluster.version, cluster.dataDir)
    if (!control) return unknown(`${cluster.dataDir} has no readable global/pg_control`)
    if (control.systemIdentifier !== given.system_identifier)
      return unknown(
        `its system identifier is ${control.systemIdentifier}, that of the standby ${given.system_identifier}`,
      )
    const commits = await readCommits(host, cluster, control, given.replayed)
    if ('unknown' in commits) return unknown(commits.unknown)
    if (!reaches(commits, given.replayed))
      return unknown(`its WAL ends at ${commits.end?.lsn ?? 'nothing'}, before what the standby has`)
    const synchronous = !given.relaxed && (await isSynchronous(host, cluster, given.standby))
    return { cluster, commits, why: null, synchronous }
  },
  plan(state, given) {
    const loses = state.commits === null || (state.commits.own > 0 && !state.synchronous)
    if (loses && given.lost_writes === 'refuse') throw refusal(state, given)
    return { changes: [], steps: [], notes: noteOn(state) }
  },
  result: ({ state: { commits, why, synchronous } }) => ({
    own: commits?.own ?? null,
    replicated: commits?.replicated ?? null,
    unknown: why,
    synchronous,
  }),
})

/** A standby gets what is on the primary's disk. Where that is shorter, it is not the disk of then. */
function reaches({ end }: Commits, replayed: string): boolean {
  if (!end) return false
  // A record that crosses pages has a header in each; the position after it may be past the next page's.
  const headers = 40n * (2n + BigInt(Math.ceil(end.length / 8152)))
  return lsnBytes(end.lsn) + BigInt(end.length) + 8n + headers >= lsnBytes(replayed)
}

async function isSynchronous(host: HostReader, cluster: Cluster, standby: string): Promise<boolean> {
  const files = await readConfFiles(host, cluster.configDir, cluster.dataDir)
  if (!files) return false
  const { settings } = effectiveSettings(files.main, files.confD, files.auto)
  const names = settings.get('synchronous_standby_names')?.value ?? ''
  return waitsFor(standby, names) && waitsAtCommit(settings.get('synchronous_commit')?.value ?? 'on')
}

function refusal({ cluster, commits, why }: State, { standby, replayed, hint }: Params): Refusal {
  const name = `cluster ${cluster.version}/${cluster.name}`
  if (!commits)
    return new Refusal(
      `nobody can tell whether its own clients have committed anything on ${name} that ${standby} has not received: ${why}`,
      hint,
    )
  return new Refusal(
    `own clients of ${name} have committed ${counted(commits.own, 'transaction')} that ${standby} has not received: they would be lost`,
    hint,
    [
      `${standby} has everything up to ${replayed}`,
      `the first was committed at ${commits.first}, the last at ${commits.last}`,
      ...(commits.replicated > 0
        ? [
            `${counted(commits.replicated, 'transaction')} besides came from publishers, which may still have the rows`,
          ]
        : []),
    ],
  )
}

function noteOn({ commits, why, synchronous }: State): string[] {
  if (!commits) return [`what its own clients lose cannot be told: ${why}`]
  if (commits.own === 0) return []
  const what = counted(commits.own, 'transaction')
  return [
    synchronous
      ? `${what} of its own clients had not reached the standby, and were not acknowledged: synchronous_standby_names waits for it`
      : `${what} of its own clients are lost, committed from ${commits.first} to ${commits.last}`,
  ]
}
