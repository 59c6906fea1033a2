import { spend } from '../budget.ts'
import type { FunctionCall, LibraryFunction } from '../functions/function.ts'
import { didYouMean } from '../nearest.ts'
import { itemOf } from './attributes.ts'
import type { Run } from './run.ts'
import { bind, type Named, signature } from './signature.ts'
import { truthy, Undefined, ValueFault } from './value.ts'

/** What a function of the library is given: errors with its name, and the others of the library. */
export function functionCall(run: Run, name: string): FunctionCall {
  return {
    fail(message, hint) {
      throw new ValueFault(`${name}: ${message}`, hint)
    },
    spend,
    filter: (other, value, args, named) =>
      invoke(run, run.library.filters, other, value, args, named, 'filter'),
    test: (other, value, args, named) =>
      truthy(invoke(run, run.library.tests, other, value, args, named, 'test')),
    has: (is, other) => run.library[is === 'filter' ? 'filters' : 'tests'].has(other),
    attribute: (value, key) => itemOf(run, value, key),
  }
}

function invoke(
  run: Run,
  table: ReadonlyMap<string, LibraryFunction>,
  name: string,
  value: unknown,
  args: readonly unknown[],
  named: Named,
  is: string,
): unknown {
  const fn = table.get(name)
  if (!fn) throw new ValueFault(`there is no ${is} ${name}`, didYouMean(name, table.keys()))
  spend(3)
  if (!fn.takesUndefined && value instanceof Undefined) throw value.fault()
  return fn.run([value, ...bind(signature(fn.params), args, named, name)], functionCall(run, name))
}
