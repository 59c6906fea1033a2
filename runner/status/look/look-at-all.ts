import pLimit from 'p-limit'
import { Refusal } from '../../../contract/errors.ts'
import { World } from '../../../contract/world.ts'
import { PlayError } from '../../errors.ts'
import type { Connection } from '../../hosts/types.ts'
import { Reader } from '../../run/reader.ts'
import { timerOf } from '../../timers.ts'
import type { WantedCluster } from '../../topology/wanted.ts'
import { type Look, lookAt } from './look.ts'

/** The owner of Debian's clusters: may read their files, and its sessions need no password. */
export const READER = 'postgres'

export interface Hosts {
  connect(name: string): Promise<Connection>
  forget(name: string): void
}

/** Asks each cluster, `forks` at the same time. One that does not answer is an answer. @param timeout seconds */
export async function lookAtAll(
  topology: readonly WantedCluster[],
  hosts: Hosts,
  { forks, timeout }: { forks: number; timeout: number },
): Promise<Map<string, Look>> {
  const limit = pLimit(forks)
  const looks = topology.map((wanted) =>
    limit(async () => [wanted.host, await look(wanted, hosts, timeout)] as const),
  )
  return new Map(await Promise.all(looks))
}

async function look(wanted: WantedCluster, hosts: Hosts, timeout: number): Promise<Look> {
  const { host } = wanted
  try {
    const connection = await hosts.connect(host)
    const found = await within(timeout, lookAt(reader(host, connection), wanted))
    if (found) return found
    const what = connection.waitsFor()
    hosts.forget(host)
    return {
      state: 'unreadable',
      why: `it did not answer within ${timeout} s${what === undefined ? '' : `: it waited for ${what}`}`,
      hint: 'Look at its load and its log.',
    }
  } catch (error) {
    hosts.forget(host)
    return failed(host, error)
  }
}

const UNREACHABLE = ['unreachable', 'host_key', 'auth']

/** @throws what is a fault of play */
function failed(host: string, error: unknown): Look {
  if (error instanceof Refusal) return { state: 'unreadable', why: error.message, hint: error.hint }
  if (!(error instanceof PlayError)) throw error
  const why = error.message.replace(`${host}: `, '')
  if (error.code === 'become' && why === `there is no user ${READER}`)
    return { state: 'absent', why: `PostgreSQL is not installed: ${why}` }
  return { state: UNREACHABLE.includes(error.code) ? 'unreachable' : 'unreadable', why, hint: error.hint }
}

export function reader(name: string, connection: Connection): Reader {
  const never = () => Promise.reject(new Error('status reads hosts alone'))
  return new Reader({
    name,
    connection,
    as: READER,
    world: new World(),
    cache: new Map(),
    plannedAnywhere: () => false,
    worldOf: () => undefined,
    othersWith: never,
    controller: {
      ...{ file: never, largeFile: never, tree: never, template: never, fetch: never },
      ...{
        whoElseWrites: never,
        pause: never,
        ask: never,
        variables: never,
        variable: async () => undefined,
      },
    },
    onWait() {},
    peek: never,
  })
}

/** Undefined where it takes more seconds. */
export async function within<T>(seconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timerOf(seconds))
  })
  work.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
