import { Callable } from './callable.ts'
import type { Eval } from './exec.ts'
import type { Frame } from './frame.ts'
import { Missing, type Run } from './run.ts'
import type { Named } from './signature.ts'
import { Tuple, ValueFault } from './value.ts'

export interface MacroShape {
  name: string
  params: readonly { name: string; fallback?: Eval }[]
  /** Whether its body names varargs, kwargs, caller. */
  takesRest: boolean
  takesMore: boolean
  takesCaller: boolean
  body: Eval
}

const ATTRIBUTES = ['name', 'arguments', 'catch_kwargs', 'catch_varargs', 'caller'] as const

/** A macro, which sees the variables of where it was made. */
export class Macro extends Callable {
  readonly type = 'Macro'
  override readonly takesUndefined = true
  constructor(
    readonly shape: MacroShape,
    readonly frame: Frame,
  ) {
    super()
  }

  call(run: Run, args: readonly unknown[], named: Named): unknown {
    return run.deeper(() => {
      const inner = this.frame.inner()
      const left = this.#bind(run, inner, args, named)
      this.#rest(run, inner, args, left)
      return this.shape.body(inner)
    })
  }

  /** @returns what is given by name and is no parameter */
  #bind(run: Run, inner: Frame, args: readonly unknown[], named: Named): Map<string, unknown> {
    const left = new Map(Object.entries(named))
    const missing: { name: string; fallback?: Eval }[] = []
    for (const [index, param] of this.shape.params.entries()) {
      if (index < args.length) inner.set(param.name, args[index])
      else if (left.has(param.name)) inner.set(param.name, left.get(param.name))
      else missing.push(param)
      if (index >= args.length) left.delete(param.name)
    }
    for (const { name, fallback } of missing)
      inner.set(
        name,
        fallback ? fallback(inner) : new Missing(`the parameter ${name} was not provided`, run, run.at),
      )
    return left
  }

  #rest(run: Run, inner: Frame, args: readonly unknown[], left: Map<string, unknown>): void {
    const { name, params, takesRest, takesMore, takesCaller } = this.shape
    if (takesCaller && !params.some((param) => param.name === 'caller')) {
      inner.set(
        'caller',
        left.get('caller') ?? new Missing(`the macro ${name} was not called by {% call %}`, run, run.at),
      )
      left.delete('caller')
    }
    if (takesMore) inner.set('kwargs', Object.fromEntries(left))
    else if (left.size > 0) {
      const [other] = left.keys()
      throw new ValueFault(
        other === 'caller'
          ? `the macro ${name} does not call caller()`
          : `the macro ${name} has no parameter ${other}`,
      )
    }
    if (takesRest) inner.set('varargs', Tuple.holding(args.slice(params.length)))
    else if (args.length > params.length)
      throw new ValueFault(
        `the macro ${name} takes ${params.length} arguments, but it is given ${args.length}`,
      )
  }

  override attribute(name: string): unknown {
    const { shape } = this
    switch (name as (typeof ATTRIBUTES)[number]) {
      case 'name':
        return shape.name
      case 'arguments':
        return shape.params.map((param) => param.name)
      case 'catch_kwargs':
        return shape.takesMore
      case 'catch_varargs':
        return shape.takesRest
      case 'caller':
        return shape.takesCaller
      default:
        return undefined
    }
  }

  override str(): string {
    return `<Macro '${this.shape.name}'>`
  }
}
