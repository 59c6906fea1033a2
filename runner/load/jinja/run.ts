import { Unknown, UnknownError } from '../../../contract/unknown.ts'
import type { ErrorCode, Later, Pos } from '../../errors.ts'
import { PlayError } from '../../errors.ts'
import { OverBudget, partsOf, requireLength, spend } from '../budget.ts'
import { inside } from '../inside.ts'
import type { Scope } from '../scope.ts'
import type { Span } from './ast.ts'
import { copied } from './copy.ts'
import type { Library } from './library.ts'
import type { Unit } from './unit.ts'
import { assertValue, Undefined, ValueFault } from './value.ts'

/** Where a text stands; asked only when something is wrong. */
export type Locate = () => Pos | undefined

/** A place in a template, or in one that it includes. */
export interface Site extends Span {
  unit: Unit
}

/** Where the text of a template that is included is found. */
export type Load = (name: string, from: string | undefined) => { text: string; file: string } | undefined

const MOST_CALLS = 200

/** One evaluation of one program. */
export class Run {
  /** Where it is: each node says so before it does what may fail. */
  at: Site
  #calls = 0
  #copies = new WeakMap<object, object>()
  #known = new WeakSet<object>()

  constructor(
    readonly scope: Scope,
    readonly main: Unit,
    readonly locate: Locate,
    readonly library: Library,
    readonly load: Load | undefined,
    /** Whether a method that changes values may be called: what is read of the scope is copied then. */
    readonly changes: boolean,
    /** The whole text of which the main unit is the part from `offset` on. */
    readonly whole: { text: string; offset: number },
  ) {
    this.at = { unit: main, start: 0, end: main.text.length }
  }

  /** What is read of the scope: the template's own where it might be changed. */
  own(value: unknown): unknown {
    return this.changes && typeof value === 'object' && value !== null ? copied(value, this.#copies) : value
  }

  /** A variable of the scope, asked for once. @returns undefined where there is none */
  variable(name: string): unknown {
    if (this.#variables.has(name)) return this.#variables.get(name)
    const value = this.#read(name)
    this.#variables.set(name, value)
    return value
  }
  readonly #variables = new Map<string, unknown>()

  #read(name: string): unknown {
    try {
      // A scope has no prototype: what is not there is undefined.
      return this.own(this.scope[name])
    } catch (error) {
      // A variable that names an undefined one is undefined itself.
      if (error instanceof PlayError && error.code === 'variable') return new Captured(error)
      throw error
    }
  }

  /** Macros, recursive loops and blocks. @throws {ValueFault} */
  deeper<T>(work: () => T): T {
    if (this.#calls >= MOST_CALLS)
      throw new ValueFault(`calls go deeper than ${MOST_CALLS}`, 'something calls itself without an end')
    this.#calls++
    try {
      return work()
    } finally {
      this.#calls--
    }
  }

  /** An argument of a function, to the bottom. @throws {UnknownError} {ValueFault} */
  requireKnown(value: unknown): void {
    assertValue(value)
    if (typeof value !== 'object' || value === null || this.#known.has(value) || ArrayBuffer.isView(value))
      return
    this.#known.add(value)
    const parts = value instanceof Map ? [...value.values()] : partsOf(value)
    spend(parts.length >> 2)
    for (const part of parts) if (typeof part === 'object' && part !== null) this.requireKnown(part)
    // A template changes what it made itself.
    if (this.changes) this.#known.delete(value)
  }

  /** What is thrown for a user: with its place. */
  error(error: unknown): Error {
    if (error instanceof PlayError || error instanceof UnknownError) return error
    if (error instanceof ValueFault) return this.placed(this.at, error.message, error.hint, error.code)
    if (error instanceof OverBudget)
      return this.placed(
        this.at,
        `this template takes ${error.message}`,
        'loops in loops multiply: let one of them go through less',
      )
    if (error instanceof RangeError && /call stack/i.test(error.message))
      return this.placed(this.at, 'this is nested too deep', 'make variables of parts')
    // V8 has no longer ones.
    if (error instanceof RangeError && /invalid (?:string|array) length/i.test(error.message))
      return this.placed(this.at, 'this makes a text or list that is too long', 'make less of it at once')
    return error instanceof Error ? error : new Error(String(error))
  }

  /** Where it is, and often the hint, is worked out once the error is shown: `default` and `is defined` drop many. */
  placed(
    site: Site,
    message: string,
    hint?: Later<string | undefined>,
    code: ErrorCode = 'template',
  ): PlayError {
    return new PlayError(code, message, { pos: () => this.#place(site), hint })
  }

  #place({ unit, start, end }: Site): Pos | undefined {
    const from = unit.original(start)
    const [pos, text, offset] =
      unit === this.main ? [this.locate(), this.whole.text, this.whole.offset] : [unit.pos, unit.source, 0]
    return pos && inside(pos, text, offset + from, unit.original(end) - from)
  }

  /** Counts text that is made. @throws {OverBudget} */
  made(text: string): string {
    this.#text += text.length
    requireLength(this.#text)
    return text
  }
  #text = 0
}

/** Undefined because of something within: what a function was given, or what a variable names. */
export class Captured extends Undefined {
  constructor(readonly error: Error) {
    super(error.message)
  }
  override fault(): Error {
    return this.error
  }
}

/** What has no value, with its place. */
export class Missing extends Undefined {
  constructor(
    why: string,
    readonly run: Run,
    readonly site: Site,
    readonly advice?: () => string | undefined,
  ) {
    super(why)
  }
  override fault(): Error {
    return this.run.placed(this.site, this.why, this.advice, 'variable')
  }
}

export function assertNoUnknown(value: unknown): void {
  if (value instanceof Unknown) throw new UnknownError(value.why)
}
