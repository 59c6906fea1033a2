import type { Run } from './run.ts'
import { bind, type Named, signature } from './signature.ts'
import { PythonObject, ValueFault } from './value.ts'

/** What a template may call. */
export abstract class Callable extends PythonObject {
  /** Macros take undefined arguments; others are undefined themselves then. */
  readonly takesUndefined: boolean = false
  /** @throws {ValueFault} */
  abstract call(run: Run, args: readonly unknown[], named: Named): unknown
}

/** A function of the language itself, or a method of a value. */
export class Builtin extends Callable {
  readonly type: string = 'builtin_function_or_method'
  constructor(
    readonly name: string,
    readonly params: string,
    readonly body: (args: unknown[], run: Run) => unknown,
  ) {
    super()
  }
  override str(): string {
    throw new ValueFault(`${this.name} is a function`, `call it: ${this.name}()`)
  }
  call(run: Run, args: readonly unknown[], named: Named): unknown {
    return this.body(bind(signature(this.params), args, named, this.name), run)
  }
  override plain(): unknown {
    return this.str()
  }
}
