import { Refusal } from '../../contract.ts'
import { quoteIdent } from '../../quote.ts'
import type { Database } from '../cluster.ts'

interface Wanted {
  name: string
  encoding?: string
  locale?: string
  lc_collate?: string
  lc_ctype?: string
}

/** @throws {Refusal} where the database has another encoding or locale, which it keeps for life (CREATE DATABASE) */
export function refuseFixed(database: Database, wanted: Wanted): void {
  const differences = [
    differs('encoding', database.encoding, wanted.encoding, encodingName),
    differs('lc_collate', database.collate, wanted.lc_collate ?? wanted.locale, localeName),
    differs('lc_ctype', database.ctype, wanted.lc_ctype ?? wanted.locale, localeName),
  ].filter((line) => line !== null)
  if (differences.length === 0) return
  throw new Refusal(
    `database "${database.name}" has what cannot be changed: ${differences.join(', ')}`,
    `Give the task what the database has, or move the data: pg_dump, then ALTER DATABASE ${quoteIdent(database.name)} RENAME, then run this again and restore.`,
  )
}

function differs(what: string, has: string, wanted: string | undefined, normal: (name: string) => string) {
  return wanted === undefined || normal(has) === normal(wanted) ? null : `${what} is ${has}, not ${wanted}`
}

/** PostgreSQL ignores case and punctuation in encoding names (pg_char_to_encoding). */
function encodingName(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return plain === 'unicode' ? 'utf8' : plain
}

/** The C library spells the character set of a locale either way: `en_GB.UTF-8`, `en_GB.utf8`. */
const localeName = (name: string): string =>
  name.replace(/\.([^@]*)/, (_, charset: string) => `.${charset.toLowerCase().replaceAll('-', '')}`)
