import type { LibraryFunction } from '../functions/function.ts'

/** A call of `lookup`, `query` or `q`. */
export interface LookupCall {
  name: string
  terms: readonly unknown[]
  named: Readonly<Record<string, unknown>>
}

/** What templates may use beside the language itself. */
export interface Library {
  filters: ReadonlyMap<string, LibraryFunction>
  tests: ReadonlyMap<string, LibraryFunction>
  /**
   * @returns the list that the lookup found
   * @throws {PlayError} {UnknownError} {ValueFault}, which gets the place of the call
   */
  lookup?(call: LookupCall, scope: Readonly<Record<string, unknown>>): readonly unknown[]
  /** `now()`: a datetime in local time, or in UTC. */
  now?(utc: boolean): unknown
  /** Names of lookups, for errors. */
  lookups?: ReadonlySet<string>
}

/** All names of functions, and those names behind `ansible.builtin.`. */
export function libraryOf(
  functions: readonly LibraryFunction[],
  others?: Pick<Library, 'lookup' | 'lookups' | 'now'>,
): Library {
  const filters = new Map<string, LibraryFunction>()
  const tests = new Map<string, LibraryFunction>()
  for (const one of functions) {
    const table = one.is === 'filter' ? filters : tests
    for (const name of one.names) {
      table.set(name, one)
      for (const space of BUILTIN) if (!name.includes('.')) table.set(space + name, one)
    }
  }
  return { filters, tests, ...others }
}

const BUILTIN = ['ansible.builtin.', 'ansible.legacy.']
