import type { TaskIdentity } from '../run/fleet.ts'

/** Which task it is, of a host and an item. Several tasks of a play may have one name. */
export const identity = ({ play, task, host, item }: TaskIdentity): string =>
  JSON.stringify([play, task, host, item])

/** In the order in which they came. */
export function grouped<T extends TaskIdentity>(
  all: readonly T[],
  keyOf: (one: T) => string = identity,
): Map<string, T[]> {
  const found = new Map<string, T[]>()
  for (const one of all) {
    const key = keyOf(one)
    const same = found.get(key)
    if (same) same.push(one)
    else found.set(key, [one])
  }
  return found
}

/** `host: task`, for people. */
export const headOf = ({ host, task, item }: TaskIdentity): string =>
  `${host}: ${task}${item === null ? '' : ` (${item})`}`
