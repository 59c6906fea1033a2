import type { LibraryFunction } from './function.ts'
import { JSONS } from './json.ts'
import { LISTS } from './lists.ts'
import { PATHS } from './paths.ts'
import { REGEXES } from './regexes.ts'
import { SELECT } from './select.ts'
import { TESTS } from './tests.ts'
import { TEXTS } from './texts.ts'
import { VALUES } from './values.ts'

/** All filters and tests: one row of the documents each. */
export const LIBRARY: readonly LibraryFunction[] = [
  ...VALUES,
  ...TEXTS,
  ...LISTS,
  ...SELECT,
  ...REGEXES,
  ...JSONS,
  ...PATHS,
  ...TESTS,
]
