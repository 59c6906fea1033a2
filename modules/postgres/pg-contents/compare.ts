import type { Contents } from './inspect.ts'

/** What a backup's server held before it was taken and after. */
export interface Record {
  before: Contents
  after: Contents
}

export interface Comparison {
  /** Tables that nobody wrote while the backup was taken, and that are the same. */
  same: number
  /** What differs and must not. */
  problems: string[]
  /** Tables that were written meanwhile: their contents at the backup's own position lie somewhere between. */
  notes: string[]
}

/**
 * A backup holds what the server held at the position at which it ended, which lies between the two looks. A table
 * that was the same in both was the same then, so that its copy must be, to the row; of one that was written meanwhile
 * nobody can tell more than that it must be there.
 */
export function compare(found: Contents, { before, after }: Record, sameSystem: boolean): Comparison {
  const result: Comparison = { same: 0, problems: [], notes: [] }
  const systems = new Set([found, before, after].map((one) => one.system_identifier))
  if (sameSystem && systems.size > 1)
    result.problems.push(
      `the system identifier is ${found.system_identifier}, and that of the server was ${before.system_identifier}${
        before.system_identifier === after.system_identifier ? '' : `, then ${after.system_identifier}`
      }`,
    )
  for (const db of names(before.databases, after.databases, found.databases))
    compareDatabase(db, found, { before, after }, result)
  return result
}

function compareDatabase(db: string, found: Contents, { before, after }: Record, result: Comparison): void {
  const was = before.databases[db]
  const then = after.databases[db]
  const is = found.databases[db]
  if (!is) {
    if (was && then) result.problems.push(`database ${db} is missing`)
    else result.notes.push(`database ${db} came or went while the backup was taken`)
    return
  }
  for (const table of names(was ?? {}, then ?? {}, is)) {
    const name = `${db}: ${table}`
    const [first, second, third] = [was?.[table], then?.[table], is[table]]
    if (!first || !second) {
      if (first || second) result.notes.push(`${name} came or went while the backup was taken`)
      else result.problems.push(`${name} is there, and the server had no such table`)
    } else if (!third) result.problems.push(`${name} is missing`)
    else if (!isSame(first, second))
      result.notes.push(
        `${name} was written while the backup was taken: ${first.rows} rows before, ${second.rows} after, ${third.rows} here`,
      )
    else if (isSame(first, third)) result.same += 1
    else
      result.problems.push(
        third.rows === first.rows
          ? `${name} has other rows than the server had (${first.rows}; their checksums differ)`
          : `${name} has ${third.rows} rows, and the server had ${first.rows}`,
      )
  }
}

type Table = Contents['databases'][string][string]

/** Checksums count only where both sides have them. */
const isSame = (a: Table, b: Table): boolean =>
  a.rows === b.rows && (a.checksum === null || b.checksum === null || a.checksum === b.checksum)

const names = (...maps: object[]): string[] => [...new Set(maps.flatMap((map) => Object.keys(map)))].sort()
