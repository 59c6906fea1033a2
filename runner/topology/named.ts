import * as z from 'zod'
import { identifier, qualifiedName, slotName } from '../../postgres/catalog/names.ts'
import { PlayError } from '../errors.ts'
import type { Vars } from '../hosts/variables.ts'

/** The elements of `pg_publications`. Of a table the name alone matters here, not its columns and rows. */
const publication = z
  .strictObject({
    name: identifier,
    tables: z.array(z.union([qualifiedName, z.looseObject({ name: qualifiedName })])).optional(),
    schemas: z.array(identifier).optional(),
    all_tables: z.boolean().optional(),
  })
  .refine(
    ({ tables, schemas, all_tables }) => !(all_tables && (tables || schemas)),
    'has all_tables, which leaves no place for tables or schemas',
  )
export type NamedPublication = z.infer<typeof publication>

/** The elements of `pg_subscriptions`. */
const subscription = z.strictObject({
  name: identifier,
  /** A host of the inventory. */
  publisher: z.string().min(1),
  publications: z.array(identifier).min(1),
  /** Whether the tables were copied: nothing that can be seen later. */
  copy_data: z.boolean().optional(),
  slot: slotName.optional(),
})
export type NamedSubscription = z.infer<typeof subscription>

export const namedPublications = (host: string, vars: Vars) =>
  listOf(publication, host, vars, 'pg_publications', 'publishes')

export const namedSubscriptions = (host: string, vars: Vars) =>
  listOf(subscription, host, vars, 'pg_subscriptions', 'subscribes_to')

/** Undefined where it is not said. @throws {PlayError} inventory */
function listOf<T extends { name: string }>(
  schema: z.ZodType<T>,
  host: string,
  vars: Vars,
  name: string,
  shorthand: string,
): T[] | undefined {
  const value = vars[name]
  if (value === undefined || value === null) return undefined
  const wrong = (what: string, hint?: string) => new PlayError('inventory', `${host}: ${what}`, { hint })
  if (vars[shorthand] != null)
    throw wrong(
      `${name} and ${shorthand} say the same`,
      `Take one of them away: ${shorthand} is short for ${name}.`,
    )
  const read = z.array(schema).safeParse(value)
  if (!read.success) {
    const [issue] = read.error.issues
    throw wrong(
      `${[name, ...issue!.path].join('.')}: ${issue!.message}`,
      'docs/status.md says what it holds.',
    )
  }
  const names = read.data.map((one) => one.name)
  const twice = names.find((one, index) => names.indexOf(one) < index)
  if (twice !== undefined) throw wrong(`${name} names ${twice} twice`)
  return read.data
}
