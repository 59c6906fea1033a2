/** One character of a text, or as many as one likes. */
type Part = '*' | ((one: string) => boolean)

/**
 * Whether a text is as a pattern with `*`, `?`, `[abc]`, `[a-z]` and `[!a]` says, as Python's fnmatch has them; every other
 * character stands for itself. Takes time in proportion to both lengths multiplied at most, however many `*` there are.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = partsOf(pattern)
  let [p, t] = [0, 0]
  let [star, resume] = [-1, 0]
  while (t < text.length) {
    const wanted = parts[p]
    if (wanted === '*') {
      star = p++
      resume = t
    } else if (wanted?.(text[t]!)) {
      p++
      t++
    } else if (star < 0) return false
    else {
      // The last `*` takes one character more.
      p = star + 1
      t = ++resume
    }
  }
  while (parts[p] === '*') p++
  return p === parts.length
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = []
  // A bracket that nothing closes stands for itself, and so do all behind it.
  const lastClose = pattern.lastIndexOf(']')
  for (let at = 0; at < pattern.length; at++) {
    const one = pattern[at]!
    // A ] right at the start is one of the characters.
    const close =
      one === '[' && at < lastClose ? pattern.indexOf(']', at + (pattern[at + 1] === '!' ? 3 : 2)) : -1
    if (close > 0) {
      parts.push(oneOf(pattern.slice(at + 1, close)))
      at = close
    } else if (one === '*') parts.push('*')
    else if (one === '?') parts.push(() => true)
    else parts.push((other) => other === one)
  }
  return parts
}

/** @param said what stands between brackets */
function oneOf(said: string): (one: string) => boolean {
  const isNot = said.startsWith('!')
  const set = isNot ? said.slice(1) : said
  const ranges: [string, string][] = []
  for (let at = 0; at < set.length; at++) {
    const isRange = set[at + 1] === '-' && at + 2 < set.length
    ranges.push([set[at]!, set[isRange ? at + 2 : at]!])
    if (isRange) at += 2
  }
  return (one) => ranges.some(([from, to]) => from <= one && one <= to) !== isNot
}
