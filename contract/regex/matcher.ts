import { isAsciiWord, isWord, lowerCase } from './character-set.ts'
import type { Place } from './node.ts'
import type { Instruction, Program, State } from './program.ts'

/** Where groups begin and end, in UTF-16 units; -1 where one has no part in the match. */
export type Marks = Int32Array

/** What is tried when the present way fails: a choice goes on elsewhere, an undo gives a register its value back. */
type Entry =
  | { is: 'choice'; pc: number; at: number }
  | { is: 'undo'; register: number; value: number }
  | { is: 'turn'; pc: number; at: number; register: number; count: number }
  | { is: 'less'; pc: number; at: number; least: number; state: State }
  | { is: 'more'; pc: number; at: number; left: number; instruction: Extract<Instruction, { do: 'many' }> }

/**
 * Matches as Python does: the first way that fits, by trying one after the other. What failed is remembered once that is
 * worth it, so that patterns without lookaround and references take time linear in the text; all others are bounded by
 * the steps that they may spend.
 */
export class Matcher {
  readonly #registers: Int32Array
  #stack: Entry[] = []
  #steps = 0
  #failed: Set<number | string> | undefined
  #tried = new Map<number | string, number>()
  /** A match that is empty here does not count: it was found before. */
  #notEmptyAt = -1
  #isWhole = false
  #start = 0

  constructor(
    readonly program: Program,
    readonly text: string,
    readonly spend: (steps: number) => void,
  ) {
    this.#registers = new Int32Array(program.registers)
  }

  /** The first match from a place on. @param notEmpty a match that is empty at this place does not count */
  search(from: number, notEmpty = false): Marks | undefined {
    this.#failed &&= new Set()
    this.#tried.clear()
    const first = this.program.code.find(({ do: it }) => it !== 'save')!
    const isAtStart = first.do === 'place' && first.place === 'start'
    for (let at = from; at <= (isAtStart ? 0 : this.text.length); at += this.#width(at)) {
      if (first.do === 'character' && !(at < this.text.length && first.set(this.text.codePointAt(at)!))) {
        this.#step()
        continue
      }
      const found = this.match(at, notEmpty && at === from)
      if (found) return found
    }
    return undefined
  }

  /** A match that begins there. @param isWhole it must end with the text */
  match(at: number, notEmpty = false, isWhole = false): Marks | undefined {
    this.#registers.fill(-1)
    this.#stack = []
    this.#start = at
    this.#notEmptyAt = notEmpty ? at : -1
    this.#isWhole = isWhole
    const end = this.#run(0, at, true)
    if (end < 0) return undefined
    const marks = this.#registers.slice(0, 2 * (this.program.groups + 1))
    marks[0] = this.#start
    marks[1] = end
    return marks
  }

  /** How many units the character there has. */
  #width(at: number): number {
    const unit = this.text.charCodeAt(at)
    return unit >= 0xd800 && unit < 0xdc00 && this.text.codePointAt(at)! > 0xffff ? 2 : 1
  }

  /** Where the character before begins. */
  #before(at: number): number {
    return at - (isSecondHalf(this.text, at - 1) ? 2 : 1)
  }

  #step(): void {
    if (++this.#steps % 64 !== 0) return
    this.spend(32)
    if (this.#steps > MANY_STEPS && this.program.forgetful) this.#failed ??= new Set()
  }

  #set(register: number, value: number): void {
    this.#stack.push({ is: 'undo', register, value: this.#registers[register]! })
    this.#registers[register] = value
  }

  /** @returns where it ends, or -1 */
  #run(start: number, from: number, isOutermost = false): number {
    const bottom = this.#stack.length
    let pc = start
    let at = from
    for (;;) {
      this.#step()
      const instruction = this.program.code[pc]!
      let fits = true
      switch (instruction.do) {
        case 'character':
          fits = at < this.text.length && instruction.set(this.text.codePointAt(at)!)
          if (fits) at += this.#width(at)
          pc++
          break
        case 'many': {
          const end = this.#isKnown(pc, at, instruction.state) ? -1 : this.#many(instruction, pc, at)
          fits = end >= 0
          at = end
          pc++
          break
        }
        case 'split':
          fits = !this.#isKnown(pc, at, instruction.state)
          if (fits) this.#stack.push({ is: 'choice', pc: instruction.other, at })
          pc++
          break
        case 'jump':
          pc = instruction.to
          break
        case 'save':
          this.#set(instruction.register, at)
          pc++
          break
        case 'place':
          fits = this.#isPlace(instruction.place, at, instruction.ascii)
          pc++
          break
        case 'back': {
          const end = this.#back(instruction, at)
          fits = end >= 0
          at = end
          pc++
          break
        }
        case 'enter':
          this.#set(instruction.count, 0)
          this.#set(instruction.count + 1, -1)
          pc++
          break
        case 'loop':
          fits = !this.#isKnown(pc, at, instruction.state)
          if (fits) pc = this.#loop(instruction, pc, at)
          fits &&= pc >= 0
          break
        case 'look':
          fits = this.#look(instruction, pc, at)
          pc = instruction.after
          break
        case 'atomic': {
          const end = this.#part(pc + 1, at)
          fits = end >= 0
          at = end
          pc = instruction.after
          break
        }
        case 'condition':
          pc = this.#registers[2 * instruction.group + 1]! >= 0 ? pc + 1 : instruction.no
          break
        case 'done':
          fits = !isOutermost || (at !== this.#notEmptyAt && !(this.#isWhole && at < this.text.length))
          if (fits) return at
      }
      if (fits) continue
      const next = this.#backtrack(bottom)
      if (!next) return -1
      pc = next.pc
      at = next.at
    }
  }

  #backtrack(bottom: number): { pc: number; at: number } | undefined {
    while (this.#stack.length > bottom) {
      this.#step()
      const entry = this.#stack.pop()!
      if (entry.is === 'undo') this.#registers[entry.register] = entry.value
      else if (entry.is === 'choice') return entry
      else if (entry.is === 'turn') {
        this.#set(entry.register, entry.count + 1)
        this.#set(entry.register + 1, entry.at)
        return entry
      } else if (entry.is === 'less') {
        const at = this.#before(entry.at)
        if (at > entry.least) this.#stack.push({ ...entry, at })
        if (!this.#isKnown(entry.pc, at, entry.state, true)) return { pc: entry.pc, at }
      } else {
        const { at, left, instruction } = entry
        if (at >= this.text.length || !instruction.set(this.text.codePointAt(at)!)) continue
        const next = at + this.#width(at)
        if (left > 1) this.#stack.push({ ...entry, at: next, left: left - 1 })
        return { pc: entry.pc, at: next }
      }
    }
    return undefined
  }

  /** One character, repeated. */
  #many(instruction: Extract<Instruction, { do: 'many' }>, pc: number, from: number): number {
    const { set, least, most, mode } = instruction
    let at = from
    let count = 0
    let afterLeast = least === 0 ? from : -1
    const wanted = mode === 'lazy' ? least : most
    while (count < wanted && at < this.text.length && set(this.text.codePointAt(at)!)) {
      if (count % 8 === 0) this.#step()
      at += this.#width(at)
      if (++count === least) afterLeast = at
    }
    if (count < least) return -1
    if (mode === 'lazy' && most > least)
      this.#stack.push({ is: 'more', pc: pc + 1, at, left: most - least, instruction })
    if (mode !== 'greedy' || at === afterLeast) return at
    at = this.#untried(pc, at, afterLeast, instruction.state)
    if (at > afterLeast)
      this.#stack.push({ is: 'less', pc: pc + 1, at, least: afterLeast, state: instruction.state })
    return at
  }

  /** @returns where to go on, or -1 */
  #loop(loop: Extract<Instruction, { do: 'loop' }>, pc: number, at: number): number {
    const count = this.#registers[loop.count]!
    if (count < loop.least) {
      this.#set(loop.count, count + 1)
      return pc + 1
    }
    const isMore = count < loop.most && this.#registers[loop.count + 1] !== at
    if (!isMore) return loop.after
    if (loop.lazy) {
      this.#stack.push({ is: 'turn', pc: pc + 1, at, register: loop.count, count })
      return loop.after
    }
    this.#stack.push({ is: 'choice', pc: loop.after, at })
    this.#set(loop.count, count + 1)
    this.#set(loop.count + 1, at)
    return pc + 1
  }

  #look(look: Extract<Instruction, { do: 'look' }>, pc: number, at: number): boolean {
    let from = at
    for (let left = look.behind ?? 0; left > 0; left--) {
      if (from === 0) return look.not
      from = this.#before(from)
    }
    const bottom = this.#stack.length
    const end = this.#part(pc + 1, from)
    if (look.not && end >= 0) this.#undo(bottom)
    return look.not ? end < 0 : end >= 0
  }

  /** Matches a part on its own: no other way of it is left, but what it captured can still be undone. */
  #part(pc: number, at: number): number {
    const bottom = this.#stack.length
    const end = this.#run(pc, at)
    if (end >= 0 && this.#stack.length > bottom)
      this.#stack.push(...this.#stack.splice(bottom).filter((entry) => entry.is === 'undo'))
    return end
  }

  #undo(bottom: number): void {
    while (this.#stack.length > bottom) {
      const entry = this.#stack.pop()!
      if (entry.is === 'undo') this.#registers[entry.register] = entry.value
    }
  }

  /** Whether it was here before, and so failed. @param isAfter after what is repeated there */
  #isKnown(pc: number, at: number, state: State, isAfter = false): boolean {
    if (!this.#failed) return false
    const key = this.#key(pc, at, state, isAfter)
    if (this.#failed.has(key)) return true
    this.#failed.add(key)
    return false
  }

  /**
   * The longest end of a repetition that was not tried before, and so failed: all from there down to the least are now.
   * @returns -1 where there is none
   */
  #untried(pc: number, end: number, least: number, state: State): number {
    if (!this.#failed) return end
    const key = this.#key(pc, end, state, false)
    const tried = this.#tried.get(key) ?? end + 1
    if (tried <= least) return -1
    this.#tried.set(key, least)
    return tried > end ? end : this.#before(tried)
  }

  #key(pc: number, at: number, state: State, isAfter: boolean): number | string {
    this.spend(10)
    const place = (2 * pc + (isAfter ? 1 : 0)) * (this.text.length + 1) + at
    if (state.length === 0) return place
    return `${place},${state.map(({ register, most }) => Math.min(this.#registers[register]!, most)).join()}`
  }

  #isPlace(place: Place, at: number, ascii: boolean): boolean {
    const { text } = this
    switch (place) {
      case 'start':
        return at === 0
      case 'line-start':
        return at === 0 || text[at - 1] === '\n'
      case 'end':
        return at === text.length
      case 'before-end':
        return at === text.length || (at === text.length - 1 && text[at] === '\n')
      case 'line-end':
        return at === text.length || text[at] === '\n'
      default: {
        if (text === '') return false
        const isWordAt = (index: number): boolean => {
          const code = text.codePointAt(isSecondHalf(text, index) ? index - 1 : index)
          return code !== undefined && (ascii ? isAsciiWord(code) : isWord(code))
        }
        const isBoundary = (at > 0 && isWordAt(at - 1)) !== (at < text.length && isWordAt(at))
        return isBoundary === (place === 'boundary')
      }
    }
  }

  #back({ group, ignoreCase, ascii }: Extract<Instruction, { do: 'back' }>, at: number): number {
    const start = this.#registers[2 * group]!
    const end = this.#registers[2 * group + 1]!
    if (end < 0 || start < 0) return -1
    const wanted = this.text.slice(start, end)
    if (!ignoreCase) return this.text.startsWith(wanted, at) ? at + wanted.length : -1
    let place = at
    for (const character of wanted) {
      const code = this.text.codePointAt(place)
      if (code === undefined || lowerCase(code, ascii) !== lowerCase(character.codePointAt(0)!, ascii))
        return -1
      place += this.#width(place)
    }
    return place
  }
}

/** Steps after which remembering costs less than it saves. */
const MANY_STEPS = 10_000

function isSecondHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (unit < 0xdc00 || unit > 0xdfff || at === 0) return false
  const before = text.charCodeAt(at - 1)
  return before >= 0xd800 && before < 0xdc00
}
