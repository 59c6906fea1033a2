import { CODECS } from './codecs.ts'
import type { LibraryFunction } from './function.ts'
import { ADDRESSES } from './ip/index.ts'
import { JSONS } from './json.ts'
import { JSON_QUERY } from './json-query.ts'
import { LISTS } from './lists.ts'
import { PASSWORDS } from './password-hash.ts'
import { PATHS } from './paths.ts'
import { RANDOMS } from './random.ts'
import { REGEXES } from './regexes.ts'
import { SELECT } from './select.ts'
import { SIZES } from './sizes.ts'
import { TESTS } from './tests.ts'
import { TEXTS } from './texts.ts'
import { TIMES } from './times.ts'
import { VALUES } from './values.ts'
import { VAULTS } from './vaults.ts'
import { VERSIONS } from './version.ts'
import { YAMLS } from './yaml.ts'

/** All filters and tests: one row of the documents each. */
export const LIBRARY: readonly LibraryFunction[] = [
  ...VALUES,
  ...TEXTS,
  ...LISTS,
  ...SELECT,
  ...REGEXES,
  ...JSONS,
  ...PATHS,
  ...CODECS,
  ...ADDRESSES,
  ...JSON_QUERY,
  ...PASSWORDS,
  ...SIZES,
  ...TIMES,
  ...RANDOMS,
  ...VAULTS,
  ...VERSIONS,
  ...YAMLS,
  ...TESTS,
]
