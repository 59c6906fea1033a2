/** One character, by its code point. */
export type CharacterSet = (code: number) => boolean

const WORD = /^[\p{L}\p{N}_]$/u
const DIGIT = /^\p{Nd}$/u
const SPACE = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/

/** As Python's str patterns have them: by Unicode's properties; with the flag `a` those of ASCII alone. */
export const isWord: CharacterSet = (code) =>
  code < 128 ? isAsciiWord(code) : WORD.test(String.fromCodePoint(code))
export const isDigit: CharacterSet = (code) =>
  code < 128 ? isAsciiDigit(code) : DIGIT.test(String.fromCodePoint(code))
export const isSpace: CharacterSet = (code) => SPACE.test(String.fromCodePoint(code))

export const isAsciiDigit: CharacterSet = (code) => code >= 48 && code <= 57
export const isAsciiWord: CharacterSet = (code) =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || isAsciiDigit(code) || code === 95
export const isAsciiSpace: CharacterSet = (code) => code === 32 || (code >= 9 && code <= 13)

/** The class of an escape such as `\w`; undefined where that is none. */
export function classOf(letter: string, ascii: boolean): CharacterSet | undefined {
  const set = ascii
    ? { d: isAsciiDigit, s: isAsciiSpace, w: isAsciiWord }[letter.toLowerCase()]
    : { d: isDigit, s: isSpace, w: isWord }[letter.toLowerCase()]
  if (!set || letter.toLowerCase() === letter) return set
  return (code) => !set(code)
}

/** What stands for all characters that are one where case is ignored: of ı, I, İ and i it is i. */
export function foldCase(code: number, ascii = false): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code
  if (ascii) return code
  const twin = TWINS.get(code)
  if (twin !== undefined) return twin
  const text = String.fromCodePoint(code)
  const upper = text.toUpperCase()
  return (isOne(upper) ? upper : text).toLowerCase().codePointAt(0) as number
}

/** As references back compare where case is ignored, which is simpler: s is S, and ſ is neither. */
export const lowerCase = (code: number, ascii: boolean): number =>
  code < 128 || ascii ? foldCase(code, ascii) : String.fromCodePoint(code).toLowerCase().codePointAt(0)!

const isOne = (text: string): boolean => text.length === (text.codePointAt(0)! > 0xffff ? 2 : 1)

/** Characters of one upper case that is more than one character. */
const TWINS = new Map([
  [0x1fd3, 0x390],
  [0x1fe3, 0x3b0],
  [0xfb06, 0xfb05],
])

export interface Range {
  from: number
  to: number
}

/** What `[…]` says. */
export function setOf(
  ranges: readonly Range[],
  classes: readonly CharacterSet[],
  { not, ignoreCase, ascii }: { not: boolean; ignoreCase: boolean; ascii: boolean },
): CharacterSet {
  const plain: CharacterSet = (code) =>
    ranges.some(({ from, to }) => code >= from && code <= to) || classes.some((set) => set(code))
  const set = ignoreCase ? ignoringCase(plain, ranges, ascii) : plain
  return not ? (code) => !set(code) : quick(set)
}

/** Most texts are ASCII: the answers for that are worked out once. */
function quick(set: CharacterSet): CharacterSet {
  const known = new Int8Array(128)
  return (code) => {
    if (code >= 128) return set(code)
    if (known[code] === 0) known[code] = set(code) ? 1 : -1
    return known[code] === 1
  }
}

function ignoringCase(plain: CharacterSet, ranges: readonly Range[], ascii: boolean): CharacterSet {
  if (ascii || ranges.every(({ to }) => to < 128))
    return (code) => {
      const folded = foldCase(code, ascii)
      return plain(code) || plain(folded) || (folded >= 97 && folded <= 122 && plain(folded - 32))
    }
  return (code) => plain(code) || (variants().get(foldCase(code)) ?? []).some(plain)
}

let known: Map<number, number[]> | undefined

/** All characters that one stands for. There are cased letters up to U+1E943. */
function variants(): Map<number, number[]> {
  if (known) return known
  known = new Map()
  for (let code = 0; code <= 0x1e943; code++) {
    const folded = foldCase(code)
    if (folded === code && String.fromCodePoint(code).toUpperCase() === String.fromCodePoint(code)) continue
    known.set(folded, [...(known.get(folded) ?? [folded]), code])
  }
  return known
}
