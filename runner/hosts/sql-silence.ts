import { SqlError } from '../../contract/errors.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { within } from '../timers.ts'
import { OWNER, type Reach, socketPath } from './sql-bridge.ts'

/**
 * Seconds that a server has to let a session in: a frozen one, or one whose storage is dead, takes connections and says nothing.
 * A server hangs up by itself on whoever is not authenticated after 60 s (authentication_timeout), so that no more is worth
 * waiting for. One that was silent for so long has less time the next time.
 */
export const LET_IN = { first: 60, again: 5 }

/** No answer in time; 57014, query_canceled. */
export class ServerSilent extends SqlError {}

/** ms for the host to say what its server does. */
const REASON = 2000

/**
 * A server that takes connections and does not answer: which process it is, what that does, and what helps.
 * @param seconds how long it has been silent @param isFull it takes no connections either
 */
export async function silence(
  reach: Reach,
  on: SqlTarget,
  { seconds, isFull }: { seconds: number; isFull: boolean },
): Promise<ServerSilent> {
  const path = socketPath(on)
  let server: Server | undefined
  await within(
    REASON,
    serverAt(reach, path).then(
      (found) => {
        server = found
      },
      () => {},
    ),
  )
  const which = `the server of cluster ${on.version}/${on.cluster} on ${reach.spec.name}${server ? ` (${doing(server)})` : ''}`
  const what = isFull
    ? `takes no connections at ${path}, where all places are taken, and has let nobody in`
    : `takes connections at ${path}, and has not let this one in`
  return new ServerSilent(
    `${which} ${what} for ${Math.round(seconds)} s`,
    '57014',
    undefined,
    hintFor(on, server),
  )
}

interface Server {
  pid: number
  /** As in /proc/PID/stat; undefined where there is no such process. */
  state: string | undefined
}

/** The socket's lock file begins with the process id of who listens (postmaster.pid has the same, on storage that may be dead). */
async function serverAt(reach: Reach, path: string): Promise<Server | undefined> {
  const read = async (file: string): Promise<string | undefined> => {
    const content = (await reach.resident(OWNER).ask(OWNER, 'read', file)).split(' ')[5]
    return content === undefined ? undefined : Buffer.from(content, 'base64').toString()
  }
  const pid = Number.parseInt((await read(`${path}.lock`)) ?? '', 10)
  if (!Number.isInteger(pid)) return undefined
  const stat = await read(`/proc/${pid}/stat`)
  // The name before it, in parentheses, may hold anything.
  return { pid, state: stat?.charAt(stat.lastIndexOf(')') + 2) }
}

const isStopped = (state: string | undefined): boolean => state === 'T' || state === 't'

function doing({ pid, state }: Server): string {
  if (state === undefined) return `process ${pid}, which is gone`
  if (isStopped(state)) return `process ${pid}, stopped by SIGSTOP`
  if (state === 'D') return `process ${pid}, which waits for a disk`
  return `process ${pid}`
}

function hintFor({ version, cluster }: SqlTarget, server: Server | undefined): string {
  if (server && isStopped(server.state)) return `kill -CONT ${server.pid} there lets it go on`
  const look = "look at the host's storage (dmesg), its load, and the server's log"
  return `${look}; what does not come back, pg_ctlcluster --skip-systemctl-redirect ${version} ${cluster} stop -m immediate ends, and the next start recovers`
}
