import pLimit from 'p-limit'
import { Refusal, SqlError } from '../../contract/errors.ts'
import { describeCluster } from '../adopt/describe.ts'
import { documentOf } from '../adopt/document.ts'
import { findCluster } from '../adopt/find-cluster.ts'
import { placeOfVariables, writeVariables } from '../adopt/host-vars.ts'
import { type Found, neighboursOf } from '../adopt/neighbours.ts'
import { readFacts } from '../adopt/read.ts'
import { saidOf } from '../adopt/said.ts'
import type { Options } from '../cli.ts'
import { PlayError, PlayErrors } from '../errors.ts'
import type { Connection } from '../hosts/types.ts'
import type { Vars } from '../hosts/variables.ts'
import { settled } from '../load/outside.ts'
import { Output } from '../report/output.ts'
import { visibleLine } from '../report/visible.ts'
import { WorkList } from '../run/at-work.ts'
import { lookAtLocks } from '../run/lock-look.ts'
import { READER, reader } from '../status/look/look-at-all.ts'
import { loadInput } from './input.ts'
import { openVault } from './open-vault.ts'
import { Session } from './session.ts'

/**
 * `play adopt`: the variables that describe clusters as they are, on standard output, or with --write in host_vars/. It
 * reads the hosts alone. @returns the exit code @throws {PlayErrors} what could not be adopted, after all others were
 */
export async function adoptCommand(options: Options): Promise<number> {
  await openVault(options)
  const input = loadInput(options)
  const { inventory } = input
  const hosts = input.limit ?? [...inventory.hosts.keys()]
  const places = options.write ? placesOf(inventory.dir, hosts) : null
  const session = await Session.open(options, input)
  const warn = (message: string) =>
    process.stderr.write(`[WARNING]: ${visibleLine(session.masker.mask(message))}\n`)
  const output = new Output(process.stdout)
  const work = new WorkList((event) => {
    if (event.event === 'progress')
      process.stderr.write(
        `[${event.host}] ${event.seconds} s: ${visibleLine(session.masker.mask(event.line))}\n`,
      )
  })
  try {
    const fleet = session.hosts(warn)
    const variablesOf = (host: string): Vars => fleet.variables.hostScope(host)
    await lookAtLocks(new Map(hosts.map((host) => [host, READER])), {
      connect: session.connect,
      emit: (event) => event.event === 'warning' && warn(event.message),
    })
    const { found, errors } = await readAll(hosts, session, {
      variablesOf,
      folder: inventory.dir,
      forks: options.forks,
      work,
    })
    const all = [...inventory.hosts.keys()]
    for (const [host, { facts, said }] of found) {
      const neighbours = await settled(() => neighboursOf(host, all, variablesOf, found))
      const description = describeCluster(facts, said, neighbours)
      for (const warning of description.warnings) warn(`${host}: ${warning}`)
      const text = documentOf(description, new Date().toISOString().slice(0, 10))
      if (!places) output.write(found.size > 1 ? `---\n${text}` : text)
      else {
        await writeVariables(places.get(host)!, host, text)
        output.write(`written: ${places.get(host)}\n`)
      }
    }
    if (errors.length > 0) throw new PlayErrors(errors)
    return 0
  } finally {
    await Promise.all([session.close(), output.close()])
  }
}

/** Before any host is reached: where something is, nothing is written. @throws {PlayErrors} */
function placesOf(folder: string, hosts: readonly string[]): Map<string, string> {
  const errors: PlayError[] = []
  const places = new Map<string, string>()
  for (const host of hosts)
    try {
      places.set(host, placeOfVariables(folder, host))
    } catch (error) {
      if (!(error instanceof PlayError)) throw error
      errors.push(error)
    }
  if (errors.length > 0) throw new PlayErrors(errors)
  return places
}

async function readAll(
  hosts: readonly string[],
  session: Session,
  {
    variablesOf,
    folder,
    forks,
    work,
  }: { variablesOf: (host: string) => Vars; folder: string; forks: number; work: WorkList },
): Promise<{ found: Map<string, Found>; errors: PlayError[] }> {
  const limit = pLimit(forks)
  const found = new Map<string, Found>()
  const errors: PlayError[] = []
  const read = async (host: string): Promise<void> => {
    let connection: Connection | undefined
    const looking = work.begin(host, 'adopt', 'it is read', () => {
      const what = connection?.waitsFor()
      return what && `waits for ${what}`
    })
    try {
      const vars = variablesOf(host)
      const reached = await session.connect(host)
      connection = reached
      const on = reader(host, reached)
      const id = await findCluster(on, named(vars))
      const rest = () => reached.closeSql(id.version, id.cluster)
      const facts = await readFacts(on, id, rest)
      found.set(host, { facts, said: saidOf(vars, folder) })
    } catch (error) {
      errors.push(explained(host, error))
    } finally {
      looking.end()
    }
  }
  await Promise.all(hosts.map((host) => limit(() => read(host))))
  return {
    found: new Map(hosts.flatMap((host) => (found.has(host) ? [[host, found.get(host)!]] : []))),
    errors,
  }
}

const named = ({ pg_version, pg_cluster }: Vars) => ({
  ...(pg_version == null ? {} : { version: String(pg_version) }),
  ...(pg_cluster == null ? {} : { cluster: String(pg_cluster) }),
})

/** @throws what is a fault of play */
function explained(host: string, error: unknown): PlayError {
  if (error instanceof Refusal || error instanceof SqlError) {
    const message = error.message.includes(host) ? error.message : `${host}: ${error.message}`
    return new PlayError('task', message, { hint: error.hint, cause: error })
  }
  if (!(error instanceof PlayError)) throw error
  if (error.code === 'become' && error.message.endsWith(`there is no user ${READER}`))
    return new PlayError('task', `PostgreSQL is not installed on ${host}: there is no user ${READER}`, {
      hint: 'There is nothing to adopt. To install it, say pg_version for this host, and run playbooks/site.yaml.',
    })
  return error
}
