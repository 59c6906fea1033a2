import { type CharacterSet, foldCase, type Range, setOf } from './character-set.ts'
import { readEscape, readSetEscape } from './escapes.ts'
import { type Node, type Pattern, type Place, widthOf } from './node.ts'
import { isName, Source } from './source.ts'

export interface Flags {
  ignoreCase: boolean
  multiline: boolean
  dotAll: boolean
  verbose: boolean
  ascii: boolean
}

const FLAGS: Readonly<Record<string, keyof Flags | 'unicode'>> = {
  i: 'ignoreCase',
  m: 'multiline',
  s: 'dotAll',
  x: 'verbose',
  a: 'ascii',
  u: 'unicode',
}

/** Python's own bound. */
const MOST_REPEATS = 4294967295
const MOST_DEPTH = 200

/**
 * Parses a pattern in the syntax of Python's `re`, for texts (docs.python.org/3/library/re.html).
 * @throws {PatternFault}
 */
export function parsePattern(text: string, flags: Partial<Flags> = {}): Pattern {
  const all = { ...NO_FLAGS, ...flags }
  try {
    return new Parser(text, all).parse()
  } catch (error) {
    if (!(error instanceof IsVerbose)) throw error
    return new Parser(text, { ...all, verbose: true }).parse()
  }
}

/** `(?x)` is met, which says how the pattern is read from its start. */
class IsVerbose extends Error {}

const NO_FLAGS: Flags = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false }

class Parser {
  readonly #source: Source
  readonly #names = new Map<string, number>()
  readonly #open = new Set<number>()
  readonly #widths = new Map<number, readonly [number, number]>()
  /** Groups that conditions ask for, with where. */
  readonly #asked: [group: number, at: number][] = []
  #groups = 0
  #depth = 0
  /** The first group that is inside of what is looked back for. */
  #behind: number | undefined

  constructor(
    text: string,
    private flags: Flags,
  ) {
    this.#source = new Source(text)
  }

  parse(): Pattern {
    const body = this.#choice(true)
    if (this.#source.next !== undefined) throw this.#source.fault("')' closes nothing")
    for (const [group, at] of this.#asked)
      if (group > this.#groups) throw this.#source.fault(`there is no group ${group}`, at)
    return { body, groups: this.#groups, names: this.#names }
  }

  #choice(isOutermost = false): Node {
    if (++this.#depth > MOST_DEPTH) throw this.#source.fault(`more than ${MOST_DEPTH} groups in each other`)
    const of = [this.#sequence(isOutermost)]
    while (this.#source.take('|')) of.push(this.#sequence(false))
    this.#depth--
    return of.length === 1 ? of[0]! : { is: 'choice', of }
  }

  #sequence(isOutermost: boolean): Node {
    const parts: Node[] = []
    for (;;) {
      const start = this.#source.at
      const one = this.#source.next
      if (one === undefined || one === '|' || one === ')') break
      this.#source.get()
      if (this.flags.verbose && this.#isSkipped(one)) continue
      const repeat = this.#repeat(one)
      if (repeat) {
        this.#putRepeat(parts, repeat, start)
        continue
      }
      const node = one === '(' ? this.#group(isOutermost && parts.length === 0) : this.#single(one)
      if (node) parts.push(node)
    }
    return parts.length === 1 ? parts[0]! : { is: 'sequence', parts }
  }

  #isSkipped(one: string): boolean {
    if (one === '#') this.#source.takeWhile(/[^\n]/)
    return /[ \t\n\r\v\f#]/.test(one)
  }

  #repeat(one: string): { least: number; most: number } | undefined {
    if (one === '?') return { least: 0, most: 1 }
    if (one === '*') return { least: 0, most: Number.POSITIVE_INFINITY }
    if (one === '+') return { least: 1, most: Number.POSITIVE_INFINITY }
    if (one !== '{' || this.#source.next === '}') return undefined
    const start = this.#source.at
    const low = this.#source.takeWhile(/[0-9]/)
    const high = this.#source.take(',') ? this.#source.takeWhile(/[0-9]/) : low
    if (!this.#source.take('}')) {
      this.#source.at = start
      return undefined
    }
    const least = low === '' ? 0 : Number(low)
    const most = high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (least >= MOST_REPEATS || (most >= MOST_REPEATS && high !== ''))
      throw this.#source.fault('the number of repetitions is too large', start)
    if (most < least) throw this.#source.fault('at least more repetitions than at most', start)
    return { least, most }
  }

  #putRepeat(parts: Node[], { least, most }: { least: number; most: number }, start: number): void {
    const body = parts.at(-1)
    if (!body || body.is === 'place') throw this.#source.fault('there is nothing to repeat', start)
    if (body.is === 'repeat') throw this.#source.fault('a repetition is repeated', start)
    const mode = this.#source.take('?') ? 'lazy' : this.#source.take('+') ? 'possessive' : 'greedy'
    parts[parts.length - 1] = { is: 'repeat', body, least, most, mode }
  }

  #single(one: string): Node {
    const { ascii, multiline, dotAll } = this.flags
    if (one === '.') return { is: 'character', set: (code) => dotAll || code !== 10 }
    if (one === '^') return this.#place(multiline ? 'line-start' : 'start')
    if (one === '$') return this.#place(multiline ? 'line-end' : 'before-end')
    if (one === '[') return this.#set()
    if (one !== '\\') return this.#character(one.codePointAt(0)!)
    const start = this.#source.at - 1
    const read = readEscape(this.#source, ascii)
    if (read.is === 'place') return this.#place(read.place)
    if (read.is === 'back') return this.#back(read.group, start)
    return read.is === 'class' ? { is: 'character', set: read.set } : this.#character(read.code)
  }

  #place = (place: Place): Node => ({ is: 'place', place, ascii: this.flags.ascii })

  #character(code: number): Node {
    const { ignoreCase, ascii } = this.flags
    const folded = foldCase(code, ascii)
    return {
      is: 'character',
      set: ignoreCase ? (other) => foldCase(other, ascii) === folded : (other) => other === code,
    }
  }

  #set(): Node {
    const start = this.#source.at - 1
    const not = this.#source.take('^')
    const ranges: Range[] = []
    const classes: CharacterSet[] = []
    const add = (end: ReturnType<typeof readSetEscape>): unknown =>
      end.is === 'class' ? classes.push(end.set) : ranges.push({ from: end.code, to: end.code })
    for (let isFirst = true; isFirst || !this.#source.take(']'); isFirst = false) {
      const at = this.#source.at
      const from = this.#setEnd(start)
      if (!this.#source.take('-')) {
        add(from)
        continue
      }
      if (this.#source.take(']')) {
        add(from)
        add({ is: 'code', code: 45 })
        break
      }
      const to = this.#setEnd(start)
      if (from.is === 'class' || to.is === 'class' || from.code > to.code)
        throw this.#source.fault('this is no range of characters', at)
      ranges.push({ from: from.code, to: to.code })
    }
    return { is: 'character', set: setOf(ranges, classes, { not, ...this.flags }) }
  }

  #setEnd(start: number): ReturnType<typeof readSetEscape> {
    const one = this.#source.get()
    if (one === undefined) throw this.#source.fault('this set of characters has no end, expected ]', start)
    return one === '\\'
      ? readSetEscape(this.#source, this.flags.ascii)
      : { is: 'code', code: one.codePointAt(0)! }
  }

  /** After `(`. @returns undefined for what matches nothing: a comment, flags */
  #group(isStart: boolean): Node | undefined {
    const start = this.#source.at - 1
    if (!this.#source.take('?')) return this.#capture(start)
    if (this.#source.take('P')) return this.#named(start)
    if (this.#source.take(':'))
      return this.#closed({ is: 'group', index: undefined, body: this.#choice() }, start)
    if (this.#source.take('>')) return this.#closed({ is: 'atomic', body: this.#choice() }, start)
    if (this.#source.take('#')) {
      this.#source.takeWhile(/[^)]/)
      if (!this.#source.take(')')) throw this.#source.fault('this comment has no end, expected )', start)
      return undefined
    }
    if (this.#source.take('=')) return this.#closed(this.#look(false), start)
    if (this.#source.take('!')) return this.#closed(this.#look(true), start)
    if (this.#source.take('<=')) return this.#behindOf(false, start)
    if (this.#source.take('<!')) return this.#behindOf(true, start)
    if (this.#source.take('(')) return this.#conditional(start)
    return this.#flagged(start, isStart)
  }

  #closed<T extends Node>(node: T, start: number): T {
    if (!this.#source.take(')')) throw this.#source.fault('this group has no end, expected )', start)
    return node
  }

  #capture(start: number, name?: string): Node {
    const index = ++this.#groups
    if (name !== undefined) {
      if (this.#names.has(name)) throw this.#source.fault(`there are two groups '${name}'`, start)
      this.#names.set(name, index)
    }
    this.#open.add(index)
    const body = this.#choice()
    this.#open.delete(index)
    const node = this.#closed({ is: 'group' as const, index, body }, start)
    this.#widths.set(index, widthOf(body, this.#widths))
    return node
  }

  #named(start: number): Node {
    if (this.#source.take('<')) return this.#capture(start, this.#name('>'))
    if (!this.#source.take('=')) throw this.#source.fault('expected (?P<name>…) or (?P=name)', start)
    const name = this.#name(')')
    const group = this.#names.get(name)
    if (group === undefined) throw this.#source.fault(`there is no group '${name}'`, start)
    return this.#back(group, start)
  }

  #name(mark: string): string {
    const start = this.#source.at
    const name = this.#source.until(mark, "group's name")
    if (!isName(name)) throw this.#source.fault(`'${name}' is no name of a group`, start)
    return name
  }

  #back(group: number, start: number): Node {
    if (group > this.#groups) throw this.#source.fault(`there is no group ${group}`, start)
    this.#requireClosed(group, start)
    return { is: 'back', group, ignoreCase: this.flags.ignoreCase, ascii: this.flags.ascii }
  }

  #requireClosed(group: number, start: number): void {
    if (this.#open.has(group)) throw this.#source.fault(`group ${group} is not at its end here`, start)
    if (this.#behind !== undefined && group >= this.#behind)
      throw this.#source.fault('what is looked back for cannot refer to a group inside of it', start)
  }

  #look(not: boolean): Node {
    return { is: 'look', behind: undefined, not, body: this.#choice() }
  }

  #behindOf(not: boolean, start: number): Node {
    const around = this.#behind
    this.#behind ??= this.#groups + 1
    const body = this.#choice()
    this.#behind = around
    const [least, most] = widthOf(body, this.#widths)
    const node = this.#closed({ is: 'look' as const, behind: least, not, body }, start)
    if (least !== most)
      throw this.#source.fault('what is looked back for must always have the same length', start)
    return node
  }

  #conditional(start: number): Node {
    const at = this.#source.at
    const name = this.#source.until(')', "group's name")
    const group = /^[0-9]+$/.test(name) ? Number(name) : this.#names.get(name)
    if (group === undefined) throw this.#source.fault(`there is no group '${name}'`, at)
    if (group === 0) throw this.#source.fault('there is no group 0', at)
    this.#asked.push([group, at])
    if (this.#behind !== undefined) this.#requireClosed(group, at)
    const yes = this.#sequence(false)
    const no: Node = this.#source.take('|') ? this.#sequence(false) : { is: 'sequence', parts: [] }
    if (this.#source.next === '|')
      throw this.#source.fault('a condition has two branches at most', this.#source.at)
    return this.#closed({ is: 'conditional', group, yes, no }, start)
  }

  /** `(?i)` for all, at the start alone; `(?i-s:…)` for a group. */
  #flagged(start: number, isStart: boolean): Node | undefined {
    const on = this.#source.takeWhile(/[A-Za-z]/)
    const isOff = this.#source.take('-')
    const off = isOff ? this.#source.takeWhile(/[A-Za-z]/) : ''
    for (const letter of on + off)
      if (!FLAGS[letter]) throw this.#source.fault(`'${letter}' is no flag: expected some of aimsux`, start)
    if (/[au]/.test(off) || (isOff && off === '') || new Set(on).size + off.length < new Set(on + off).size)
      throw this.#source.fault('these flags cannot be taken away', start)
    if (/a/.test(on) && /u/.test(on)) throw this.#source.fault('the flags a and u exclude each other', start)
    if ([...on].some((letter) => off.includes(letter)))
      throw this.#source.fault('a flag is both set and taken away', start)
    const flags = { ...this.flags }
    for (const letter of on) setFlag(flags, letter, true)
    for (const letter of off) setFlag(flags, letter, false)
    if (this.#source.take(':')) {
      const around = this.flags
      this.flags = flags
      const body = this.#choice()
      this.flags = around
      return this.#closed({ is: 'group', index: undefined, body }, start)
    }
    if (on === '' || isOff)
      throw this.#source.fault('this is no group: see (?:…), (?P<name>…), (?=…), (?i)', start)
    if (!this.#source.take(')')) throw this.#source.fault('expected ) or : after the flags')
    if (!isStart) throw this.#source.fault('flags for all of the pattern must be at its start', start)
    if (flags.verbose && !this.flags.verbose) throw new IsVerbose()
    this.flags = flags
    return undefined
  }
}

function setFlag(flags: Flags, letter: string, on: boolean): void {
  const flag = FLAGS[letter]
  if (flag === 'unicode') flags.ascii = false
  else if (flag) flags[flag] = on
}
