import { Refusal } from '../../../contract/errors.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import type { Database } from '../../../postgres/cluster/cluster.ts'

interface Wanted {
  name: string
  encoding?: string
  locale?: string
  lc_collate?: string
  lc_ctype?: string
  locale_provider?: Database['provider']
  icu_locale?: string
  builtin_locale?: string
}

/** @throws {Refusal} where the database has another encoding or locale, which it keeps for life (CREATE DATABASE) */
export function refuseFixed(database: Database, wanted: Wanted): void {
  const differences = [
    differs('encoding', database.encoding, wanted.encoding, encodingName),
    differs('lc_collate', database.collate, wanted.lc_collate ?? wanted.locale, localeName),
    differs('lc_ctype', database.ctype, wanted.lc_ctype ?? wanted.locale, localeName),
    differs('locale_provider', database.provider, wanted.locale_provider, (name) => name),
    differs('icu_locale', localeOf(database, 'icu'), wanted.icu_locale, languageTag),
    differs('builtin_locale', localeOf(database, 'builtin'), wanted.builtin_locale, localeName),
  ].filter((line) => line !== null)
  if (differences.length === 0) return
  throw new Refusal(
    `database "${database.name}" has what cannot be changed: ${differences.join(', ')}`,
    `Give the task what the database has, or move the data: pg_dump, then ALTER DATABASE ${quoteIdent(database.name)} RENAME, then run this again and restore.`,
  )
}

const localeOf = ({ provider, provider_locale }: Database, of: Database['provider']): string =>
  (provider === of ? provider_locale : null) ?? 'none'

/** From 16 on the server rewrites en_US as the language tag en-US. */
const languageTag = (name: string): string => name.replaceAll('_', '-').toLowerCase()

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
