import { Refusal } from '../../../contract/errors.ts'
import { plainName, type Qualified } from '../../../postgres/catalog/names.ts'
import type { SubscriptionParams } from './params.ts'
import type { Held, Sent } from './rows.ts'
import { MOST_ROWS } from './rows-script.ts'

/** How tables join a subscription. What is written on the publisher from then on arrives in any case. */
export interface Joining {
  /** `copy_data` of the statement. */
  copy: boolean
  /** Emptied first, together, their rows kept aside. */
  replace: Qualified[]
  /** They hold no rows, and are emptied with those, whose keys they refer to. */
  with?: Qualified[]
  /** They must hold the same rows on both sides at the very moment at which they join. */
  compare: Sent[]
}

/** The arguments that say how. */
export type Wish = Pick<SubscriptionParams, 'name' | 'copy_data' | 'filled_tables'>

/** Without a look at any rows, where the task has said all; undefined where it has not. */
export function joiningAsTold({ copy_data, filled_tables }: Wish, isNew: boolean): Joining | undefined {
  const plain = { copy: copy_data, replace: [], compare: [] }
  if (filled_tables === 'copy') return plain
  // Of a table that joins later nothing was said when the subscription was made.
  if (!copy_data && (filled_tables === 'trust' || (filled_tables === 'refuse' && isNew))) return plain
  return undefined
}

/**
 * What to do about tables that hold rows already. An empty table takes the initial copy, which PostgreSQL fits to the
 * stream without a gap; where the publisher's is empty there is nothing that could be missing or come twice.
 * @throws {Refusal} where rows would be missing, or nobody said what shall become of those that are here
 */
export function decideJoining(held: readonly Held[], wish: Wish, where: string): Joining {
  const { copy_data, filled_tables } = wish
  const plain = { copy: copy_data, replace: [], compare: [] }
  const filled = held.filter(({ here }) => here !== 0)
  const doubtful = (copy_data ? filled : held).filter(({ there }) => there !== 0)
  if (filled_tables === 'replace') return { ...plain, replace: filled }
  if (doubtful.length === 0) return plain
  const refuse = (tables: readonly Held[], rest: string): never => {
    const message = `table ${tables.map(plainName).join(', ')} in ${where} holds ${rest}`
    throw new Refusal(message, `${WAYS} Subscription "${wish.name}" is as it was.`, tables.map(describe))
  }
  if (filled_tables === 'compare') {
    const unequal = held.filter(({ same }) => !same)
    if (unequal.length > 0) refuse(unequal, 'other rows than on the publisher')
    return { copy: false, replace: [], compare: [...held] }
  }
  if (filled_tables === 'trust') {
    const empty = held.filter(({ here, there }) => here === 0 && there !== 0)
    if (empty.length > 0) refuse(empty, "none of the publisher's rows, and would never get them")
    return { ...plain, copy: false }
  }
  return refuse(
    doubtful,
    copy_data
      ? "rows already, and the initial copy would bring the publisher's beside them"
      : 'not what the publisher holds, and those rows do not come by themselves',
  )
}

const WAYS =
  'Say which with `filled_tables` (-e filled_tables=… of site.yaml and logical.yaml): `replace` keeps these rows in schema replaced_by_play and copies all anew; `compare` joins where both sides hold the very same rows; `trust`, if you know that they do; `copy` brings the publisher’s beside them, for a table that gathers the rows of several publishers.'

/** `public.test: 101 rows on the publisher, 1 here`. */
const describe = ({ here, there, same, columns, filter, ...table }: Held): string =>
  `${plainName(table)}: ${counted(there)} rows on the publisher, ${counted(here)} here${
    same === false && here === there && here !== null ? ', which differ' : ''
  }`

const counted = (count: number | null): string =>
  count === null ? 'nobody knows how many' : count > MOST_ROWS ? `more than ${MOST_ROWS}` : String(count)
