import { spend } from '../budget.ts'
import type { Scope } from '../scope.ts'
import type { CompiledUnit } from './compile-unit.ts'
import type { Exec } from './exec.ts'
import type { Run } from './run.ts'
import type { Unit } from './unit.ts'

/** One definition of a block, of a template or of one that it extends. */
export interface BlockBody {
  unit: Unit
  exec: Exec
  required: boolean
}

/** What a template and those that it extends share. */
export interface Context {
  /** By name, the innermost first. */
  blocks: Map<string, BlockBody[]>
  top: Frame
  /** What the template extends, once that is known. */
  parent?: CompiledUnit
}

/** Variables of a template, a loop, a macro: those of the frames around it are visible. */
export class Frame {
  readonly run: Run
  readonly scope: Scope
  context: Context
  #vars: Map<string, unknown> | undefined

  private constructor(
    run: Run,
    scope: Scope,
    readonly around: Frame | undefined,
    context: Context | undefined,
  ) {
    this.run = run
    this.scope = scope
    this.context = context ?? { blocks: new Map(), top: this }
  }

  static top(run: Run, scope: Scope = run.scope): Frame {
    return new Frame(run, scope, undefined, undefined)
  }

  inner(): Frame {
    return new Frame(this.run, this.scope, this, this.context)
  }

  /** Of another template, which sees what is here. */
  included(): Frame {
    return new Frame(this.run, this.scope, this, undefined)
  }

  set(name: string, value: unknown): void {
    this.#vars ??= new Map()
    this.#vars.set(name, value)
  }

  get own(): ReadonlyMap<string, unknown> {
    return this.#vars ?? NOTHING
  }

  /** undefined where there is none */
  read(name: string): unknown {
    spend(1)
    for (let frame: Frame | undefined = this; frame; frame = frame.around) {
      const vars = frame.#vars
      if (vars?.has(name)) return vars.get(name)
    }
    return this.scope === this.run.scope ? this.run.variable(name) : undefined
  }
}

const NOTHING: ReadonlyMap<string, unknown> = new Map()
