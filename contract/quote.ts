const SAFE_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One word for a POSIX shell, quoted so that it reaches the program as it is. @throws on a NUL, which no argument can hold. */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new Error('a word for the shell cannot hold a NUL character')
  return SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A command line of words. */
export const quoteWords = (argv: readonly string[]): string => argv.map(quoteWord).join(' ')

/** A PostgreSQL identifier, always in double quotes (SQL syntax, 4.1.1). */
export function quoteIdent(name: string): string {
  if (name.includes('\0')) throw new Error('an SQL identifier cannot hold a NUL character')
  return `"${name.replaceAll('"', '""')}"`
}

/** A dotted name: `schema.table`, each part quoted. */
export const quoteQualified = (schema: string, name: string): string =>
  `${quoteIdent(schema)}.${quoteIdent(name)}`

/** A PostgreSQL string constant; with a backslash it becomes an E'' constant, safe under any standard_conforming_strings. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new Error('an SQL string cannot hold a NUL character')
  const doubled = text.replaceAll("'", "''")
  return text.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

/** One value for a libpq connection string (libpq, 34.1.1.1): quoted where it is empty or has spaces, quotes or backslashes. */
export function quoteConninfo(value: string): string {
  return /^[^\s'\\]+$/.test(value) ? value : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
