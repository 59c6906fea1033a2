import { text } from '../../contract/params.ts'
import { quoteQualified } from '../../contract/quote.ts'

/** NAMEDATALEN - 1: PostgreSQL cuts longer names off silently, which would make two names one. */
const LONGEST_NAME = 63

/** The name of a database object: any text of 1 to 63 bytes, as it is in the catalogue, without quotes. */
export const identifier = text({
  expected: 'a name of 1 to 63 bytes: PostgreSQL cuts longer ones off',
  fits: isName,
  takes: 'name',
})

function isName(name: string): boolean {
  const bytes = Buffer.byteLength(name)
  return bytes > 0 && bytes <= LONGEST_NAME && !name.includes('\0')
}

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
export const qualifiedName = text({
  expected: '`schema.table`, each part of 1 to 63 bytes',
  fits: (text) => {
    const { schema, name } = parseQualified(text)
    return isName(schema) && isName(name)
  },
  takes: 'schema.table',
})

/** A table as the parameter form writes it: what parseQualified reads as the same. */
export const writeQualified = ({ schema, name }: Qualified): string =>
  `${writePart(schema)}.${writePart(name)}`

const writePart = (part: string): string => (/[."]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)

/** The key and the name in messages: `schema.table`, unquoted. */
export const plainName = ({ schema, name }: Qualified): string => `${schema}.${name}`

/** For statements: `"schema"."table"`. */
export const sqlName = ({ schema, name }: Qualified): string => quoteQualified(schema, name)

/** The name of a replication slot, as PostgreSQL allows it (Replication Slots, 26.2.6.1). */
export const slotName = text({
  expected: 'the name of a slot: 1 to 63 lower-case letters, digits and underscores',
  fits: /^[a-z0-9_]{1,63}$/,
  takes: 'slot name',
})

/** A log sequence number, as pg_lsn shows it. */
export const lsn = text({
  expected: 'a log sequence number such as 0/3000148',
  fits: /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/,
  takes: 'log sequence number',
})

/** A system identifier (pg_control_system). In quotes: as a number it would lose digits. */
export const systemIdentifier = text({
  expected: 'a system identifier, which is a number, in quotes',
  fits: /^\d{1,20}$/,
  quoted: true,
  takes: 'system identifier',
})

/** A function's name, and the types in parentheses behind it where there are any: `app.f(integer, text)`. */
export function signatureOf(text: string): [name: string, types?: string] {
  const at = text.endsWith(')') ? text.indexOf('(') : -1
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at)]
}
