/**
 * Whether a text is as a pattern with `*` and `?` says; every other character stands for itself. Takes time in
 * proportion to both lengths multiplied at most, however many `*` there are.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let [p, t] = [0, 0]
  let [star, resume] = [-1, 0]
  while (t < text.length) {
    const wanted = pattern[p]
    if (wanted === '*') {
      star = p++
      resume = t
    } else if (wanted === '?' || wanted === text[t]) {
      p++
      t++
    } else if (star < 0) return false
    else {
      // The last `*` takes one character more.
      p = star + 1
      t = ++resume
    }
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
