import { type Diagnostics, type PlayError, PlayErrors } from '../../errors.ts'

/** @throws {PlayErrors} each error once, file after file as they were met, from top to bottom in each */
export function throwInOrder(diagnostics: Diagnostics): void {
  if (diagnostics.errors.length === 0) return
  const files = [...new Set(diagnostics.errors.map(({ pos }) => pos?.file))]
  const rank = ({ pos }: PlayError): [number, number, number] => [
    files.indexOf(pos?.file),
    pos?.line ?? 0,
    pos?.col ?? 0,
  ]
  // A file that is imported twice, or an anchor that is used twice, is wrong once.
  const once = new Map(
    diagnostics.errors.map((error) => [JSON.stringify([error.code, error.message, error.pos]), error]),
  )
  const sorted = [...once.values()].sort((a, b) => {
    const [one, other] = [rank(a), rank(b)]
    return one[0] - other[0] || one[1] - other[1] || one[2] - other[2]
  })
  throw new PlayErrors(sorted)
}
