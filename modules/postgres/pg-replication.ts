import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { type Cluster, requireDatabase, requireServer, targetOf } from '../../postgres/cluster/cluster.ts'
import { judge, type Problem } from '../../postgres/replication/judge.ts'
import { lagBytes } from '../../postgres/replication/judge-standby.ts'
import { type Look, takeLook } from '../../postgres/replication/look.ts'
import { type VerificationParams, verificationParams } from '../../postgres/replication/params.ts'
import { type Identity, identify } from '../../postgres/replication/upstream.ts'

interface State {
  /** null: what there is to see is only planned so far. */
  look: Look | null
  upstream: Identity | null
  /** Seconds */
  waited: number
  notes: string[]
}

export const pgReplicationModule = defineModule<VerificationParams, State>({
  name: 'pg_replication',
  summary:
    'Verifies replication by what the servers themselves say, waiting for what is on its way; changes nothing',
  changesNothing: () => true,
  params: verificationParams,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requireServer(host, params)
    if (isPlanned(cluster)) return unseen
    const database = await requireDatabase(host, cluster, params.db)
    if (database.fresh) return unseen
    return host.planned('any') ? lookOnce(host, cluster, params) : watch(host, cluster, params)
  },
  plan: ({ notes }) => ({ changes: [], steps: [], notes }),
  result({ state: { look, upstream, waited } }) {
    if (!look) return { waited }
    const lag = upstream ? Number(lagBytes(upstream, look.standby.replayed)) : undefined
    return {
      waited,
      lag_bytes: lag,
      subscriptions: look.subscriptions,
      slots: look.slots,
      standby: look.recovery ? look.standby : null,
      rows: look.rows,
    }
  },
})

const LATER = 'this will be verified by the run'
const unseen: State = { look: null, upstream: null, waited: 0, notes: [LATER] }

const isPlanned = ({ fresh, peek, copyOf }: Cluster): boolean => Boolean(fresh || peek || copyOf)

/** Where changes are planned, what is missing now may be there once they are made. */
async function lookOnce(host: HostReader, cluster: Cluster, params: VerificationParams): Promise<State> {
  const [look, upstream] = await Promise.all([takeLook(host, cluster, params), ask(host, cluster, params)])
  const problems = judge(params, cluster, look, upstream)
  // Replay that is paused goes on when somebody here says so: what is planned elsewhere does not make it.
  if (look.standby.paused && !host.planned()) throw failure(problems, 0)
  const notes = problems.map(({ what }) => `${what}; ${LATER}`)
  return { look, upstream: identity(upstream), waited: 0, notes }
}

/** Looks at once, then again and again until all is well. @throws {Refusal} when the time is over */
async function watch(host: HostReader, cluster: Cluster, params: VerificationParams): Promise<State> {
  let began: number | undefined
  let upstream: Answer = null
  for (let looks = 0; ; looks += 1) {
    // What the upstream had written at the first look is what has to arrive: it may go on writing.
    const asked: Answer | Promise<Answer> = identity(upstream) ? upstream : ask(host, cluster, params)
    const [look, answer]: [Look, Answer] = await Promise.all([takeLook(host, cluster, params), asked])
    upstream = answer
    began ??= look.now
    const waited = look.now - began
    const problems = judge(params, cluster, look, upstream)
    if (problems.length === 0) return { look, upstream: identity(upstream), waited: round(waited), notes: [] }
    if (waited >= params.timeout) throw failure(problems, params.timeout)
    host.waiting()
    // The server's own sleep: the pause costs no timer here, and ends with the connection.
    await host.sql(targetOf(cluster), 'select pg_sleep($1)', [PAUSES[Math.min(looks, PAUSES.length - 1)]])
  }
}

/** Seconds between two looks. */
const PAUSES = [0.01, 0.02, 0.05, 0.1]

/** null: there is no upstream to ask. */
type Answer = Identity | { unreachable: string } | null

const ask = async (host: HostReader, cluster: Cluster, { standby }: VerificationParams): Promise<Answer> =>
  standby ? identify(host, cluster, standby.upstream) : null

const identity = (answer: Answer): Identity | null => (answer && 'lsn' in answer ? answer : null)

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000

function failure(problems: readonly Problem[], timeout: number): Refusal {
  const hints = [...new Set(problems.flatMap(({ hint }) => hint ?? []))]
  const first = problems[0]!.what
  const rest = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
  return new Refusal(
    `replication is not as it should be after ${timeout} s: ${first}${rest}`,
    hints.join(' ') || undefined,
    problems.map(({ what }) => what),
  )
}
