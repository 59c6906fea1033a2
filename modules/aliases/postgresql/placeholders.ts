import { quotedIn } from '../../../postgres/sql/statements.ts'

/** `%s` and `%(name)s` are values, and `%%` is a percent sign, as psycopg reads a query that has arguments. */
const PLACEHOLDER = /%(?:(%)|(s)|\(([^()%]*)\)s)/g

export interface Numbered {
  /** With $1, $2, … */
  text: string
  values: unknown[]
  /** Why it cannot be. */
  problem?: string
}

/** A query of psycopg's in the server's own spelling. */
export function numbered(
  query: string,
  args: readonly unknown[] | Readonly<Record<string, unknown>>,
): Numbered {
  const values: unknown[] = []
  const places = new Map<string, number>()
  const lacking: string[] = []
  let used = 0
  const text = query.replace(PLACEHOLDER, (whole, percent, positional, name: string | undefined) => {
    if (percent) return '%'
    if (positional) {
      used += 1
      if (Array.isArray(args)) values.push(args[used - 1])
      return `$${used}`
    }
    if (name === undefined || Array.isArray(args) || !Object.hasOwn(args, name)) {
      lacking.push(whole)
      return whole
    }
    const known = places.get(name)
    if (known !== undefined) return `$${known}`
    values.push((args as Readonly<Record<string, unknown>>)[name])
    places.set(name, values.length)
    return `$${values.length}`
  })
  const quoted = quotedIn(query).flatMap((one) =>
    [...one.matchAll(PLACEHOLDER)].flatMap(([whole]) => (whole === '%%' ? [] : [whole])),
  )
  if (quoted.length > 0)
    return {
      text,
      values,
      problem: `expected ${quoted.join(', ')} outside of quotes: in them it is no value`,
    }
  if (lacking.length > 0) return { text, values, problem: `expected a value for ${lacking.join(', ')}` }
  if (used > 0 && !Array.isArray(args)) return { text, values, problem: 'expected %(name)s in place of %s' }
  if (Array.isArray(args) && used !== args.length)
    return { text, values, problem: `expected ${used} values, one for each %s, but found ${args.length}` }
  return { text, values }
}
