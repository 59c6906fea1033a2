import { spend } from '../budget.ts'
import { Builtin, Callable } from './callable.ts'
import { merged } from './methods/dict.ts'
import type { Run } from './run.ts'
import type { Named } from './signature.ts'
import { dictOf, equals, PythonObject, repr, Undefined, ValueFault } from './value.ts'

/** Python's range: a list of ints that is not made until somebody goes through it. */
export class Range extends PythonObject {
  readonly type = 'range'
  constructor(
    readonly start: number,
    readonly stop: number,
    readonly step: number,
  ) {
    super()
  }
  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step))
  }
  override str(): string {
    return `range(${this.start}, ${this.stop}${this.step === 1 ? '' : `, ${this.step}`})`
  }
  override truthy(): boolean {
    return this.length > 0
  }
  override equals(other: unknown): boolean {
    return other instanceof Range && repr([...this.items()]) === repr([...other.items()])
  }
  override items(): unknown[] {
    const { length } = this
    spend(length)
    return Array.from({ length }, (_, index) => this.start + index * this.step)
  }
  override plain(): never {
    throw new ValueFault('a range is no value of a variable', 'make a list of it: range(…) | list')
  }
}

/** `namespace(a=1)`: what {% set ns.a = 2 %} may change from within loops. */
export class Namespace extends PythonObject {
  readonly type = 'Namespace'
  readonly #values: Map<string, unknown>
  constructor(value: unknown, named: Named) {
    super()
    this.#values = new Map(merged(value, named).map(([key, item]) => [String(key), item]))
  }
  override attribute(name: string): unknown {
    return this.#values.get(name)
  }
  set(name: string, value: unknown): void {
    this.#values.set(name, value)
  }
  override str(): string {
    return `<Namespace ${repr(dictOf([...this.#values]))}>`
  }
}

/** `cycler('odd', 'even')`. */
export class Cycler extends PythonObject {
  readonly type = 'Cycler'
  #at = 0
  constructor(readonly values: readonly unknown[]) {
    super()
    if (values.length === 0) throw new ValueFault('cycler needs at least one value')
  }
  get #current(): unknown {
    return this.values[this.#at] ?? null
  }
  override attribute(name: string): unknown {
    switch (name) {
      case 'current':
        return this.#current
      case 'next':
        return new Builtin('next', '', () => {
          const value = this.#current
          this.#at = (this.#at + 1) % this.values.length
          return value
        })
      case 'reset':
        return new Builtin('reset', '', () => {
          this.#at = 0
          return null
        })
      default:
        return undefined
    }
  }
  override str(): string {
    return '<Cycler>'
  }
}

/** `joiner(', ')`: nothing when it is first called, then the separator. */
export class Joiner extends Callable {
  readonly type = 'Joiner'
  #used = false
  constructor(readonly separator: unknown) {
    super()
  }
  call(): unknown {
    const value = this.#used ? this.separator : ''
    this.#used = true
    return value
  }
  override str(): string {
    return '<Joiner>'
  }
}

/** `loop` in {% for %}. */
export class Loop extends Callable {
  readonly type = 'LoopContext'
  index0 = -1
  #changed: readonly unknown[] | undefined
  constructor(
    readonly list: readonly unknown[],
    readonly depth0: number,
    readonly again: ((list: unknown, depth0: number) => unknown) | undefined,
  ) {
    super()
  }
  override attribute(name: string): unknown {
    const { list, index0, depth0 } = this
    switch (name) {
      case 'index':
        return index0 + 1
      case 'index0':
        return index0
      case 'revindex':
        return list.length - index0
      case 'revindex0':
        return list.length - index0 - 1
      case 'first':
        return index0 === 0
      case 'last':
        return index0 === list.length - 1
      case 'length':
        return list.length
      case 'depth':
        return depth0 + 1
      case 'depth0':
        return depth0
      case 'previtem':
        return index0 === 0 ? new Undefined('there is no previous item') : list[index0 - 1]
      case 'nextitem':
        return index0 === list.length - 1 ? new Undefined('there is no next item') : list[index0 + 1]
      case 'cycle':
        return new Builtin('loop.cycle', '*values', ([values]) => {
          const given = values as unknown[]
          if (given.length === 0) throw new ValueFault('loop.cycle needs at least one value')
          return given[index0 % given.length] ?? null
        })
      case 'changed':
        return new Builtin('loop.changed', '*values', ([values]) => this.#hasChanged(values as unknown[]))
      default:
        return undefined
    }
  }
  #hasChanged(values: readonly unknown[]): boolean {
    if (this.#changed && equals(this.#changed, values)) return false
    this.#changed = [...values]
    return true
  }
  call(run: Run, args: readonly unknown[]): unknown {
    const { again } = this
    if (!again) throw new ValueFault('this loop does not call itself', 'write {% for x in list recursive %}')
    if (args.length !== 1) throw new ValueFault('loop takes 1 argument: a list')
    return run.deeper(() => again(args[0], this.depth0 + 1))
  }
  override str(): string {
    return `<LoopContext ${this.index0 + 1}/${this.list.length}>`
  }
}

/** What {% import %} gives: the macros and variables of another template. */
export class Module extends PythonObject {
  readonly type = 'TemplateModule'
  constructor(
    readonly name: string,
    readonly exported: ReadonlyMap<string, unknown>,
    /** What it prints. */
    readonly parts: readonly unknown[],
  ) {
    super()
  }
  override attribute(name: string): unknown {
    return name.startsWith('_') ? undefined : this.exported.get(name)
  }
  override str(): string {
    return `<TemplateModule '${this.name}'>`
  }
}

/** A block, as `self.name` and `super` have it. */
export class BlockReference extends Callable {
  readonly type = 'BlockReference'
  constructor(
    readonly body: (run: Run) => unknown,
    readonly above: () => unknown,
  ) {
    super()
  }
  override attribute(name: string): unknown {
    return name === 'super' ? this.above() : undefined
  }
  call(run: Run): unknown {
    return run.deeper(() => this.body(run))
  }
  override str(): string {
    return '<BlockReference>'
  }
}

/** `self`: the blocks of a template. */
export class Blocks extends PythonObject {
  readonly type = 'TemplateReference'
  constructor(readonly block: (name: string) => unknown) {
    super()
  }
  override attribute(name: string): unknown {
    return this.block(name)
  }
  override str(): string {
    return '<TemplateReference>'
  }
}
