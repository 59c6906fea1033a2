import { quoteConninfo } from '../contract/quote.ts'

/** Keywords and values of a libpq connection string (libpq, 34.1). */
export type Conninfo = Record<string, string>

/** `host=… port=… …`: the well-known keywords first, then the others by name. Empty values are left out. */
export function buildConninfo(conninfo: Readonly<Record<string, unknown>>): string {
  return Object.entries(conninfo)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([keyword, value]) => `${keyword}=${quoteConninfo(String(value))}`)
    .join(' ')
}

const FIRST = ['host', 'hostaddr', 'port', 'dbname', 'user', 'passfile', 'sslmode', 'sslrootcert']
const rank = (keyword: string): number => (FIRST.includes(keyword) ? FIRST.indexOf(keyword) : FIRST.length)

/** Reads `keyword = value` pairs or a postgresql:// URI; null for what libpq would not take either. */
export function parseConninfo(text: string): Conninfo | null {
  return /^postgres(ql)?:\/\//.test(text) ? parseUri(text) : parsePairs(text)
}

/** Two connections are the same where every keyword is, the port 5432 being understood. */
export function sameConninfo(a: Conninfo, b: Conninfo): boolean {
  const full = (conninfo: Conninfo) => buildConninfo({ port: '5432', ...conninfo })
  return full(a) === full(b)
}

/** For messages: as it is, but a password shows as stars. */
export const showConninfo = (conninfo: Conninfo): string =>
  buildConninfo('password' in conninfo ? { ...conninfo, password: '********' } : conninfo)

const PAIR = /\s*([A-Za-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?:\s+|$)/sy

function parsePairs(text: string): Conninfo | null {
  const found: Conninfo = {}
  PAIR.lastIndex = 0
  while (PAIR.lastIndex < text.trimEnd().length) {
    const match = PAIR.exec(text)
    if (!match) return null
    const [, keyword, raw] = match as unknown as [string, string, string]
    const inner = raw.startsWith("'") ? raw.slice(1, -1) : raw
    found[keyword] = inner.replace(/\\(.)/gs, '$1')
  }
  return found
}

function parseUri(text: string): Conninfo | null {
  const match =
    /^postgres(?:ql)?:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text)
  if (!match) return null
  const [, user, password, hosts = '', dbname, query] = match
  const places = hosts.split(',').map((place) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(place))
  if (places.some((place) => !place)) return null
  const found: Conninfo = {
    user: user ?? '',
    password: password ?? '',
    host: places.map((place) => place![1]!.replace(/^\[(.*)\]$/, '$1')).join(','),
    port: places.some((place) => place![2]) ? places.map((place) => place![2] ?? '').join(',') : '',
    dbname: dbname ?? '',
  }
  try {
    for (const pair of query?.split('&') ?? [])
      found[pair.split('=')[0]!] = pair.split('=').slice(1).join('=')
    const decoded = Object.entries(found).map(([key, value]) => [key, decodeURIComponent(value)])
    return Object.fromEntries(decoded.filter(([, value]) => value !== ''))
  } catch {
    return null
  }
}
