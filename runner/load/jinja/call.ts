import { PlayError } from '../../errors.ts'
import { spend } from '../budget.ts'
import { Callable } from './callable.ts'
import { assertNoUnknown, Captured, type Run } from './run.ts'
import type { Named } from './signature.ts'
import { assertValue, described, Undefined, ValueFault } from './value.ts'

/** Calls what an expression gave. */
export function call(run: Run, callee: unknown, args: readonly unknown[], named: Named): unknown {
  spend(3)
  if (callee instanceof Undefined) return callee
  assertValue(callee)
  if (!(callee instanceof Callable)) throw new ValueFault(`${described(callee)} cannot be called`)
  if (!callee.takesUndefined) {
    const undefinedOne = firstUndefined(args, named)
    if (undefinedOne) return undefinedOne
  }
  return attempt(run, () => callee.call(run, args, named))
}

/** @throws {UnknownError} where one is unknown */
export function firstUndefined(args: readonly unknown[], named: Named): Undefined | undefined {
  let found: Undefined | undefined
  const look = (arg: unknown): void => {
    assertNoUnknown(arg)
    if (arg instanceof Undefined) found ??= arg
  }
  args.forEach(look)
  for (const key in named) look(named[key])
  return found
}

/** Where a function meets something undefined, its result is undefined: `default` and `is defined` take it. Other errors are thrown. */
export function attempt(run: Run, work: () => unknown): unknown {
  const { at } = run
  try {
    const made = work()
    run.at = at
    return made
  } catch (error) {
    const isUndefined =
      (error instanceof ValueFault || error instanceof PlayError) && error.code === 'variable'
    if (!isUndefined) throw error
    const placed = run.error(error)
    run.at = at
    return new Captured(placed)
  }
}
