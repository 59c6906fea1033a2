import type { ClusterFacts, Variable } from './facts.ts'
import { accepts, literal } from './words.ts'

/** Those that somebody made: a standby needs their folders before it is copied. */
export function describeTablespaces({ tablespaces }: ClusterFacts): Variable {
  const value: unknown[] = []
  const notes: string[] = []
  for (const { name, path, owner } of tablespaces) {
    const written = { name, location: path, owner }
    const element = accepts('pg_tablespace', written) ? literal(written) : undefined
    if (element === undefined)
      notes.push(`Tablespace ${name} is left out: play has no words for it. It stays as it is.`)
    else value.push(element)
  }
  return { name: 'pg_tablespaces', value: value.length > 0 ? value : undefined, notes }
}
