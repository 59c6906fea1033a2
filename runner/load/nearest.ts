/** The known word that was most likely meant: at most a third of its letters differ. `undefined` if none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  return nearestWithDistance(word, known)?.word
}

export function nearestWithDistance(
  word: string,
  known: Iterable<string>,
): { word: string; distance: number } | undefined {
  const wanted = normalize(word)
  const limit = Math.max(1, Math.floor(wanted.length / 3))
  let best: { word: string; distance: number } | undefined
  for (const candidate of known) {
    const other = normalize(candidate)
    // A letter that stands for a word of one or two letters is no misspelling.
    if (Math.abs(other.length - wanted.length) > limit || limit >= other.length) continue
    const distance = editDistance(wanted, other)
    if (distance <= limit && (!best || distance < best.distance)) best = { word: candidate, distance }
  }
  return best
}

/** `did you mean x?`, or `otherwise` where no known word is near. */
export function didYouMean(word: string, known: Iterable<string>, otherwise?: string): string | undefined {
  const found = nearest(word, known)
  return found === undefined ? otherwise : `did you mean ${found}?`
}

const normalize = (word: string): string => word.toLowerCase().replaceAll('-', '_')

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cost = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
