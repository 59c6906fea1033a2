import { LOOK_AT_LOCK, readHolder } from '../hosts/keeper.ts'
import type { Connection } from '../hosts/types.ts'
import type { Event } from '../report/events.ts'
import { describeHolder } from './locks.ts'

/** Says whose run is under way on these hosts, for what takes no lock itself. Never fails, and changes nothing. */
export async function lookAtLocks(
  wishes: ReadonlyMap<string, string | undefined>,
  { connect, emit }: { connect: (name: string) => Promise<Connection>; emit: (event: Event) => void },
): Promise<void> {
  const found = new Map<string, string[]>()
  await Promise.all(
    [...wishes].map(async ([name, as]) => {
      for (const who of await holdersOn(name, as, connect)) found.set(who, [...(found.get(who) ?? []), name])
    }),
  )
  for (const [who, names] of found)
    emit({ event: 'warning', message: `a run is under way on ${names.sort().join(', ')}: ${who}` })
}

async function holdersOn(
  name: string,
  as: string | undefined,
  connect: (name: string) => Promise<Connection>,
): Promise<string[]> {
  try {
    const { stdout } = await (await connect(name)).shell(LOOK_AT_LOCK, { as })
    return stdout.split('\n').flatMap((line) => {
      const holder = readHolder(line)
      return holder ? [describeHolder(holder)] : []
    })
  } catch {
    // Whoever cannot be asked is told of by the task that comes to it.
    return []
  }
}
