import { requireLength, spend } from '../../budget.ts'
import { formatFields } from '../format.ts'
import { isSpace, stripLeft, stripRight } from '../space.ts'
import { characters, described, iterate, Tuple, ValueFault } from '../value.ts'
import { bounds, text, whole } from './arguments.ts'
import { type Methods, methods } from './method.ts'

/** Runs of characters between separators. @param most how many cuts, -1 for all */
function cutAt(self: string, separator: string, most: number): string[] {
  if (separator === '') throw new ValueFault('the separator is empty')
  const parts = self.split(separator)
  if (most < 0 || parts.length - 1 <= most) return parts
  return [...parts.slice(0, most), parts.slice(most).join(separator)]
}

function cutAtFromRight(self: string, separator: string, most: number): string[] {
  if (separator === '') throw new ValueFault('the separator is empty')
  const cuts: number[] = []
  for (let end = self.length; most < 0 || cuts.length < most; ) {
    const at = end < separator.length ? -1 : self.lastIndexOf(separator, end - separator.length)
    if (at === -1) break
    cuts.unshift(at)
    end = at
  }
  let start = 0
  const parts = cuts.map((at) => {
    const part = self.slice(start, at)
    start = at + separator.length
    return part
  })
  return [...parts, self.slice(start)]
}

/** Words between white space. */
function words(self: string, most: number): string[] {
  const found: string[] = []
  let at = 0
  const skip = (spaces: boolean): number => {
    while (at < self.length && isSpace(self[at]) === spaces) at++
    return at
  }
  while (skip(true) < self.length) {
    if (most >= 0 && found.length >= most) return [...found, self.slice(at)]
    found.push(self.slice(at, skip(false)))
  }
  return found
}

const reversed = (value: string): string => [...value].reverse().join('')

const wordsFromRight = (self: string, most: number): string[] =>
  most < 0 ? words(self, most) : words(reversed(self), most).map(reversed).reverse()

const LINE_ENDS = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g

function lines(self: string, keepEnds: boolean): string[] {
  const found: string[] = []
  let start = 0
  for (const match of self.matchAll(LINE_ENDS)) {
    const end = match.index + match[0].length
    found.push(self.slice(start, keepEnds ? end : match.index))
    start = end
  }
  if (start < self.length) found.push(self.slice(start))
  return found
}

/** What strip takes away: white space, or any of these characters. */
function stripped(given: unknown): (character: string) => boolean {
  if (given === null) return isSpace
  const taken = new Set(text(given, 'chars'))
  return (character) => taken.has(character)
}

const lengthOf = (value: string): number => characters(value).length

/** The part that start and end name, and where it begins. */
function within(self: string, start: unknown, end: unknown): [string, number] {
  const all = characters(self)
  const [from, to] = bounds(all.length, start, end)
  const part = all.slice(from, to)
  return [typeof part === 'string' ? part : part.join(''), from]
}

/** Where a text is found, in characters. @returns -1 where it is not */
function place(self: string, [sub, start, end]: readonly unknown[], fromRight: boolean): number {
  const sought = text(sub, 'sub')
  const [from, to] = bounds(lengthOf(self), start, end)
  if (from > to) return -1
  const [part] = within(self, start, end)
  const at = fromRight ? part.lastIndexOf(sought) : part.indexOf(sought)
  return at === -1 ? -1 : from + lengthOf(part.slice(0, at))
}

function placeOrFail(self: string, args: readonly unknown[], fromRight: boolean): number {
  const at = place(self, args, fromRight)
  if (at === -1) throw new ValueFault('the text does not hold this', 'find answers -1 then')
  return at
}

function beginsWith(self: string, [prefix, start, end]: readonly unknown[], atEnd: boolean): boolean {
  const [from, to] = bounds(lengthOf(self), start, end)
  const [part] = within(self, start, end)
  const sought = prefix instanceof Tuple ? [...prefix] : [prefix]
  return sought.some((one) => {
    const word = text(one, 'prefix')
    return from <= to && (atEnd ? part.endsWith(word) : part.startsWith(word))
  })
}

function padded(self: string, [width, fill]: readonly unknown[], side: 'left' | 'right' | 'both'): string {
  const character = text(fill, 'fillchar')
  if (lengthOf(character) !== 1) throw new ValueFault('the fill is one character')
  const total = whole(width, 'width')
  const missing = total - lengthOf(self)
  if (missing <= 0) return self
  requireLength(total)
  const left = side === 'left' ? missing : side === 'right' ? 0 : (missing >> 1) + (missing & total & 1)
  return character.repeat(left) + self + character.repeat(missing - left)
}

function partition(self: string, separator: string, at: number, isRight: boolean): Tuple {
  if (separator === '') throw new ValueFault('the separator is empty')
  if (at === -1) return Tuple.holding(isRight ? ['', '', self] : [self, '', ''])
  return Tuple.holding([self.slice(0, at), separator, self.slice(at + separator.length)])
}

function replaced(self: string, [from, to, most]: readonly unknown[]): string {
  const old = text(from, 'old')
  const made = text(to, 'new')
  const count = whole(most, 'count')
  if (count === 0) return self
  const parts = old === '' ? ['', ...self, ''] : self.split(old)
  const cuts = parts.length - 1
  requireLength(self.length + made.length * cuts)
  if (count < 0 || count >= cuts) return parts.join(made)
  return (
    parts.slice(0, count + 1).join(made) +
    (count + 1 < parts.length ? old : '') +
    parts.slice(count + 1).join(old)
  )
}

const LETTER = /\p{L}/u
const CASED = /[\p{Uppercase}\p{Lowercase}\p{Lt}]/u.source

const DIGRAPHS: Readonly<Record<string, string>> = {
  ǆ: 'ǅ',
  ǉ: 'ǈ',
  ǌ: 'ǋ',
  ǳ: 'ǲ',
  Ǆ: 'ǅ',
  Ǉ: 'ǈ',
  Ǌ: 'ǋ',
  Ǳ: 'ǲ',
}

/** ß becomes Ss. */
function titleCase(character: string): string {
  const [first = '', ...rest] = DIGRAPHS[character] ?? character.toUpperCase()
  return first + rest.join('').toLowerCase()
}

/** Each word's first letter in upper case; a word is what is between other characters than letters. */
function titled(self: string): string {
  let inWord = false
  let made = ''
  for (const character of self) {
    made += inWord ? character.toLowerCase() : titleCase(character)
    inWord = LETTER.test(character) && character.toLowerCase() !== character.toUpperCase()
  }
  return made
}

function isTitle(self: string): boolean {
  let inWord = false
  let any = false
  for (const character of self) {
    const isUpper = character !== character.toLowerCase()
    const isLower = character !== character.toUpperCase()
    if ((isUpper && inWord) || (isLower && !isUpper && !inWord)) return false
    inWord = isUpper || isLower
    any ||= inWord
  }
  return any
}

function capitalized(self: string): string {
  const [first = '', ...rest] = self
  return titleCase(first) + rest.join('').toLowerCase()
}

const swapped = (self: string): string =>
  [...self].map((one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase())).join('')

const all = (pattern: RegExp) => (self: string) => pattern.test(self)

function zeroFilled(self: string, width: number): string {
  const missing = width - lengthOf(self)
  if (missing <= 0) return self
  requireLength(width)
  const sign = /^[-+]/.exec(self)?.[0] ?? ''
  return sign + '0'.repeat(missing) + self.slice(sign.length)
}

function expanded(self: string, size: number): string {
  let column = 0
  let made = ''
  for (const character of self) {
    if (character === '\t') {
      const spaces = size > 0 ? size - (column % size) : 0
      made += ' '.repeat(spaces)
      column += spaces
    } else {
      made += character
      column = character === '\n' || character === '\r' ? 0 : column + 1
    }
    requireLength(made.length)
  }
  return made
}

function joined(self: string, items: unknown): string {
  const parts = iterate(items)
  if (parts === undefined) throw new ValueFault(`join takes a list, but this is ${described(items)}`)
  const texts: string[] = []
  let length = 0
  for (const part of parts) {
    if (typeof part !== 'string')
      throw new ValueFault(
        `join takes a list of texts, but it holds ${described(part)}`,
        'the filter join takes all: list | join(",")',
      )
    texts.push(part)
    length += part.length + self.length
    requireLength(length)
  }
  return texts.join(self)
}

export const TEXT: Methods<string> = methods<string>({
  'capitalize()': capitalized,
  'casefold()': (self) => self.toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ'),
  "center(width, fillchar=' ')": (self, args) => padded(self, args, 'both'),
  'count(sub, start=None, end=None)': (self, [sub, start, end]) => {
    const [from, to] = bounds(lengthOf(self), start, end)
    const [part] = within(self, start, end)
    const sought = text(sub, 'sub')
    if (from > to) return 0
    return sought === '' ? lengthOf(part) + 1 : part.split(sought).length - 1
  },
  'endswith(suffix, start=None, end=None)': (self, args) => beginsWith(self, args, true),
  'expandtabs(tabsize=8)': (self, [size]) => expanded(self, whole(size, 'tabsize')),
  'find(sub, start=None, end=None)': (self, args) => place(self, args, false),
  'format(*args, **named)': (self, [args, named], run) => formatFields(self, args as unknown[], named, run),
  'format_map(mapping)': (self, [mapping], run) => formatFields(self, [], mapping, run),
  'index(sub, start=None, end=None)': (self, args) => placeOrFail(self, args, false),
  'isalnum()': all(/^[\p{L}\p{N}]+$/u),
  'isalpha()': all(/^\p{L}+$/u),
  'isascii()': all(/^[\x00-\x7f]*$/),
  'isdecimal()': all(/^\p{Nd}+$/u),
  'isdigit()': all(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐]+$/u),
  'isidentifier()': all(/^[\p{ID_Start}_]\p{ID_Continue}*$/u),
  'islower()': (self) =>
    new RegExp(CASED, 'u').test(self) && self === self.toLowerCase() && !/\p{Lt}/u.test(self),
  'isnumeric()': all(/^\p{N}+$/u),
  'isprintable()': (self) => !/[\p{C}\p{Z}]/u.test(self.replaceAll(' ', '')),
  'isspace()': (self) => self !== '' && [...self].every(isSpace),
  'istitle()': isTitle,
  'isupper()': (self) =>
    new RegExp(CASED, 'u').test(self) && self === self.toUpperCase() && !/\p{Lt}/u.test(self),
  'join(iterable)': (self, [items]) => joined(self, items),
  "ljust(width, fillchar=' ')": (self, args) => padded(self, args, 'right'),
  'lower()': (self) => self.toLowerCase(),
  'lstrip(chars=None)': (self, [chars]) => stripLeft(self, stripped(chars)),
  'partition(sep)': (self, [separator]) => {
    const sign = text(separator, 'sep')
    return partition(self, sign, self.indexOf(sign), false)
  },
  'removeprefix(prefix)': (self, [prefix]) => {
    const word = text(prefix, 'prefix')
    return self.startsWith(word) ? self.slice(word.length) : self
  },
  'removesuffix(suffix)': (self, [suffix]) => {
    const word = text(suffix, 'suffix')
    return word !== '' && self.endsWith(word) ? self.slice(0, -word.length) : self
  },
  'replace(old, new, count=-1)': replaced,
  'rfind(sub, start=None, end=None)': (self, args) => place(self, args, true),
  'rindex(sub, start=None, end=None)': (self, args) => placeOrFail(self, args, true),
  "rjust(width, fillchar=' ')": (self, args) => padded(self, args, 'left'),
  'rpartition(sep)': (self, [separator]) => {
    const sign = text(separator, 'sep')
    return partition(self, sign, self.lastIndexOf(sign), true)
  },
  'rsplit(sep=None, maxsplit=-1)': (self, [separator, most]) => {
    const count = whole(most, 'maxsplit')
    return separator === null
      ? wordsFromRight(self, count)
      : cutAtFromRight(self, text(separator, 'sep'), count)
  },
  'rstrip(chars=None)': (self, [chars]) => stripRight(self, stripped(chars)),
  'split(sep=None, maxsplit=-1)': (self, [separator, most]) => {
    spend(self.length >> 4)
    const count = whole(most, 'maxsplit')
    return separator === null ? words(self, count) : cutAt(self, text(separator, 'sep'), count)
  },
  'splitlines(keepends=False)': (self, [keepEnds]) => lines(self, keepEnds === true || keepEnds === 1),
  'startswith(prefix, start=None, end=None)': (self, args) => beginsWith(self, args, false),
  'strip(chars=None)': (self, [chars]) => stripRight(stripLeft(self, stripped(chars)), stripped(chars)),
  'swapcase()': swapped,
  'title()': titled,
  'upper()': (self) => self.toUpperCase(),
  'zfill(width)': (self, [width]) => zeroFilled(self, whole(width, 'width')),
})
