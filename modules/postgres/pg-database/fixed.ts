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

/** PostgreSQL ignores case and punctuation in encoding names, and has several of some (encnames.c). */
function encodingName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^windows/, 'win')
  return ENCODINGS[plain] ?? plain
}
const ENCODINGS: Record<string, string> = {
  unicode: 'utf8',
  iso88591: 'latin1',
  iso88592: 'latin2',
  iso88593: 'latin3',
  iso88594: 'latin4',
  iso88599: 'latin5',
  iso885910: 'latin6',
  iso885913: 'latin7',
  iso885914: 'latin8',
  iso885915: 'latin9',
  iso885916: 'latin10',
  koi8: 'koi8r',
  alt: 'win866',
  win: 'win1251',
  abc: 'win1258',
  tcvn: 'win1258',
  tcvn5712: 'win1258',
  vscii: 'win1258',
  mskanji: 'sjis',
  shiftjis: 'sjis',
  win932: 'sjis',
  win936: 'gbk',
  win949: 'uhc',
  win950: 'big5',
}

/** The C library spells the character set of a locale either way: `en_GB.UTF-8`, `en_GB.utf8`. POSIX is C. */
const localeName = (name: string): string =>
  name === 'POSIX'
    ? 'C'
    : name.replace(/\.([^@]*)/, (_, charset: string) => `.${charset.toLowerCase().replaceAll('-', '')}`)
