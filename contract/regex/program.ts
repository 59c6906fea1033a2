import type { CharacterSet } from './character-set.ts'
import { type Node, type Pattern, type Place, widthOf } from './node.ts'

/** What the matcher carries out; `next` and the like are indexes into the program. */
export type Instruction =
  | { do: 'character'; set: CharacterSet }
  | {
      do: 'many'
      set: CharacterSet
      least: number
      most: number
      mode: 'greedy' | 'lazy' | 'possessive'
      state: State
    }
  | { do: 'split'; other: number; state: State }
  | { do: 'jump'; to: number }
  | { do: 'save'; register: number }
  | { do: 'place'; place: Place; ascii: boolean }
  | { do: 'back'; group: number; ignoreCase: boolean; ascii: boolean }
  /** Sets a loop's registers: its count, and where its last turn began. */
  | { do: 'enter'; count: number }
  | { do: 'loop'; count: number; least: number; most: number; lazy: boolean; after: number; state: State }
  /** A part of its own, up to its `done`: what it matched is not tried again in another way. */
  | { do: 'look'; behind: number | undefined; not: boolean; after: number }
  | { do: 'atomic'; after: number }
  | { do: 'condition'; group: number; no: number }
  | { do: 'done' }

/** The registers that decide what comes of a place in program and text, beside these two; from `most` on they are one. */
export type State = readonly { register: number; most: number }[]

export interface Program {
  code: readonly Instruction[]
  registers: number
  groups: number
  names: ReadonlyMap<string, number>
  /** What failed once at a place fails there always: nothing refers to what was captured. */
  forgetful: boolean
}

export function compilePattern({ body, groups, names }: Pattern): Program {
  const compiler = new Compiler(2 * (groups + 1))
  compiler.put(body)
  compiler.code.push({ do: 'done' })
  return { code: compiler.code, registers: compiler.registers, groups, names, forgetful: compiler.forgetful }
}

class Compiler {
  readonly code: Instruction[] = []
  forgetful = true
  /** Registers of the loops around that matter. */
  #around: State = []

  constructor(public registers: number) {}

  put(node: Node): void {
    switch (node.is) {
      case 'character':
        this.code.push({ do: 'character', set: node.set })
        return
      case 'sequence':
        for (const part of node.parts) this.put(part)
        return
      case 'choice':
        this.#choice(node.of)
        return
      case 'group':
        if (node.index !== undefined) this.code.push({ do: 'save', register: 2 * node.index })
        this.put(node.body)
        if (node.index !== undefined) this.code.push({ do: 'save', register: 2 * node.index + 1 })
        return
      case 'repeat':
        this.#repeat(node)
        return
      case 'place':
        this.code.push({ do: 'place', place: node.place, ascii: node.ascii })
        return
      case 'back':
        this.forgetful = false
        this.code.push({ do: 'back', group: node.group, ignoreCase: node.ignoreCase, ascii: node.ascii })
        return
      case 'look':
        this.#part({ do: 'look', behind: node.behind, not: node.not, after: 0 }, node.body)
        return
      case 'atomic':
        this.#part({ do: 'atomic', after: 0 }, node.body)
        return
      case 'conditional':
        this.#conditional(node)
    }
  }

  #choice(of: readonly Node[]): void {
    const ends: { do: 'jump'; to: number }[] = []
    for (const [index, one] of of.entries()) {
      const isLast = index === of.length - 1
      const split = { do: 'split' as const, other: 0, state: this.#around }
      if (!isLast) this.code.push(split)
      this.put(one)
      if (isLast) break
      const end = { do: 'jump' as const, to: 0 }
      this.code.push(end)
      ends.push(end)
      split.other = this.code.length
    }
    for (const end of ends) end.to = this.code.length
  }

  #repeat(node: Extract<Node, { is: 'repeat' }>): void {
    const { body, least, most, mode } = node
    if (most === 0) return
    if (body.is === 'character') {
      this.code.push({ do: 'many', set: body.set, least, most, mode, state: this.#around })
      return
    }
    if (mode === 'possessive') {
      this.#part({ do: 'atomic', after: 0 }, { ...node, mode: 'greedy' })
      return
    }
    const count = this.registers
    this.registers += 2
    this.code.push({ do: 'enter', count })
    const state = this.#around
    const start = this.code.length
    const isEmptyAtTimes = widthOf(body, new Map())[0] === 0
    const inside = [
      ...state,
      { register: count, most: Number.isFinite(most) ? most : least },
      ...(isEmptyAtTimes ? [{ register: count + 1, most: Number.POSITIVE_INFINITY }] : []),
    ].filter(({ most: differing }) => differing > 0)
    const loop = { do: 'loop' as const, count, least, most, lazy: mode === 'lazy', after: 0, state: inside }
    this.code.push(loop)
    this.#around = inside
    this.put(body)
    this.#around = state
    this.code.push({ do: 'jump', to: start })
    loop.after = this.code.length
  }

  #part(instruction: Extract<Instruction, { after: number }> & { do: 'look' | 'atomic' }, body: Node): void {
    this.forgetful = false
    this.code.push(instruction)
    this.put(body)
    this.code.push({ do: 'done' })
    instruction.after = this.code.length
  }

  #conditional({ group, yes, no }: Extract<Node, { is: 'conditional' }>): void {
    this.forgetful = false
    const condition = { do: 'condition' as const, group, no: 0 }
    this.code.push(condition)
    this.put(yes)
    const end = { do: 'jump' as const, to: 0 }
    this.code.push(end)
    condition.no = this.code.length
    this.put(no)
    end.to = this.code.length
  }
}
