import { Refusal } from './errors.ts'

const SAFE_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/

/**
 * A word for the kernel: an argument, a path, a variable of the environment (execve(2)), which all end at a NUL.
 * @throws {Refusal} where something would be cut off
 */
export const wholeWord = (word: string): string => withoutNul(word, 'a word of a command, or a path,')

function withoutNul(text: string, what: string): string {
  if (!text.includes('\0')) return text
  const said = text.replaceAll('\0', '\\0')
  throw new Refusal(
    `${what} cannot hold a NUL character: ${said.length > 60 ? `${said.slice(0, 60)}…` : said}`,
  )
}

/** One word for a POSIX shell, quoted so that it reaches the program as it is. @throws {Refusal} on a NUL */
export function quoteWord(word: string): string {
  wholeWord(word)
  return SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A command line of words. */
export const quoteWords = (argv: readonly string[]): string => argv.map(quoteWord).join(' ')

/** A PostgreSQL identifier, always in double quotes (SQL syntax, 4.1.1). */
export function quoteIdent(name: string): string {
  return `"${withoutNul(name, 'an SQL identifier').replaceAll('"', '""')}"`
}

/** A dotted name: `schema.table`, each part quoted. */
export const quoteQualified = (schema: string, name: string): string =>
  `${quoteIdent(schema)}.${quoteIdent(name)}`

/** A PostgreSQL string constant; with a backslash it becomes an E'' constant, safe under any standard_conforming_strings. */
export function quoteLiteral(text: string): string {
  const doubled = withoutNul(text, 'an SQL string').replaceAll("'", "''")
  return text.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

/** One value for a libpq connection string (libpq, 34.1.1.1): quoted where it is empty or has spaces, quotes or backslashes. */
export function quoteConninfo(value: string): string {
  return /^[^\s'\\]+$/.test(value) ? value : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
