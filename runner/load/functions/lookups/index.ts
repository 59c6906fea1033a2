import { FILE_LOOKUPS } from './files.ts'
import { LIST_LOOKUPS } from './lists.ts'
import type { Lookup } from './lookup.ts'
import { OUTSIDE_LOOKUPS } from './outside.ts'
import { PASSWORD } from './password.ts'
import { VARIABLE_LOOKUPS } from './variables.ts'

/** What `lookup`, `query` and `with_…` may ask for, by name. */
export const LOOKUPS: ReadonlyMap<string, Lookup> = new Map(
  [...LIST_LOOKUPS, ...FILE_LOOKUPS, ...OUTSIDE_LOOKUPS, PASSWORD, ...VARIABLE_LOOKUPS].map((lookup) => [
    lookup.name,
    lookup,
  ]),
)
