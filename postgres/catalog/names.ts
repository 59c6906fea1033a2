import * as z from 'zod'
import { quoteQualified } from '../../contract/quote.ts'

/** NAMEDATALEN - 1: PostgreSQL cuts longer names off silently, which would make two names one. */
const LONGEST_NAME = 63

/** The name of a database object: any text of 1 to 63 bytes, as it is in the catalogue, without quotes. */
export const identifier = z
  .string()
  .min(1, 'a name cannot be empty')
  .refine((name) => !name.includes('\0'), 'a name cannot hold a NUL character')
  .refine((name) => Buffer.byteLength(name) <= LONGEST_NAME, 'PostgreSQL cuts names off after 63 bytes')

/** A schema and a name in it. */
export interface Qualified {
  schema: string
  name: string
}

/**
 * `schema.table` or `table`, which is in `public`. The first dot divides; a part that holds a dot is written in double
 * quotes, as in SQL: `"my.schema".table`.
 */
export function parseQualified(text: string): Qualified {
  const [first, rest] = takePart(text)
  if (rest === undefined) return { schema: 'public', name: first }
  const [second, more] = rest.startsWith('"') ? takePart(rest) : [rest]
  return { schema: first, name: more === undefined ? second : `${second}.${more}` }
}

function takePart(text: string): [part: string, rest?: string] {
  const quoted = /^"((?:[^"]|"")+)"(?:\.(.+))?$/s.exec(text)
  if (quoted) return [quoted[1]!.replaceAll('""', '"'), quoted[2]]
  const dot = text.indexOf('.')
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)]
}

/** The parameter form of a table's name. */
export const qualifiedName = z
  .string()
  .min(1, 'a name cannot be empty')
  .refine((text) => {
    const { schema, name } = parseQualified(text)
    return identifier.safeParse(schema).success && identifier.safeParse(name).success
  }, 'expected `schema.table`, each part of 1 to 63 bytes')

/** The key and the name in messages: `schema.table`, unquoted. */
export const plainName = ({ schema, name }: Qualified): string => `${schema}.${name}`

/** For statements: `"schema"."table"`. */
export const sqlName = ({ schema, name }: Qualified): string => quoteQualified(schema, name)
