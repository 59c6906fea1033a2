import { type Address, addressKey, covers } from './address.ts'
import { DATABASE_KEYWORDS, type Token, USER_KEYWORDS, writeToken } from './token.ts'

export const TYPES = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'] as const
export type RuleType = (typeof TYPES)[number]

export const METHODS = [
  'trust',
  'reject',
  'scram-sha-256',
  'md5',
  'password',
  'gss',
  'sspi',
  'ident',
  'peer',
  'ldap',
  'radius',
  'cert',
  'pam',
  'bsd',
  'oauth',
] as const

/** One rule, whatever its formatting. */
export interface Rule {
  type: RuleType
  databases: Token[]
  users: Token[]
  /** Absent for `local`. */
  address?: Address
  /** As written, with its mask. */
  addressText?: string
  method: string
  options: [name: string, value: string][]
}

/** Whom a rule is about, without what it makes of them. Two rules with one such key: the first wins. */
export const matchKey = (rule: Rule): string =>
  JSON.stringify([
    rule.type,
    names(rule.databases, DATABASE_KEYWORDS),
    names(rule.users, USER_KEYWORDS),
    rule.address ? addressKey(rule.address) : null,
  ])

/** Equal for rules that differ in formatting alone. */
export const ruleKey = (rule: Rule): string =>
  JSON.stringify([
    matchKey(rule),
    // The server reads ident on a Unix socket as peer (21.9).
    rule.type === 'local' && rule.method === 'ident' ? 'peer' : rule.method,
    rule.options.map(([name, value]) => `${name}=${value}`).sort(),
  ])

const names = (tokens: Token[], keywords: ReadonlySet<string>): string[] =>
  [...new Set(tokens.map((token) => writeToken(token, keywords)))].sort()

/** Every connection that `inner` is about is caught by `outer`, if that comes first. */
export function shadows(outer: Rule, inner: Rule): boolean {
  return (
    coversType(outer.type, inner.type) &&
    (outer.address === undefined || (inner.address !== undefined && covers(outer.address, inner.address))) &&
    inner.databases.every((one) => coversDatabase(outer.databases, one)) &&
    inner.users.every((one) => has(outer.users, one) || hasKeyword(outer.users, 'all'))
  )
}

/** Some connection may be one that both are about. True where only the server could tell. */
export function meets(one: Rule, other: Rule): boolean {
  return (
    (one.type === 'local') === (other.type === 'local') &&
    isNear(one.address, other.address) &&
    share(one.databases, other.databases, DATABASE_KEYWORDS) &&
    share(one.users, other.users, USER_KEYWORDS)
  )
}

/** Two networks are apart, or one is in the other. */
const isNear = (one: Address | undefined, other: Address | undefined): boolean =>
  one?.kind !== 'network' || other?.kind !== 'network' || covers(one, other) || covers(other, one)

const share = (one: Token[], other: Token[], keywords: ReadonlySet<string>): boolean =>
  [...one, ...other].some(({ text, quoted }) => !quoted && (keywords.has(text) || /^[+@/]/.test(text))) ||
  one.some((word) => has(other, word))

/** What is asked of those whom they let in, if they do. */
export const treatsAlike = (one: Rule, other: Rule): boolean => treatment(one) === treatment(other)
const treatment = (rule: Rule): string => JSON.stringify((JSON.parse(ruleKey(rule)) as unknown[]).slice(1))

const coversType = (outer: RuleType, inner: RuleType): boolean =>
  outer === inner || (outer === 'host' && inner !== 'local')

/** `all` does not mean physical replication (21.1). */
const coversDatabase = (outer: Token[], one: Token): boolean =>
  has(outer, one) || (hasKeyword(outer, 'all') && (one.quoted || one.text !== 'replication'))

const has = (tokens: Token[], one: Token): boolean =>
  tokens.some(
    ({ text, quoted }) => text === one.text && (quoted === one.quoted || !DATABASE_KEYWORDS.has(text)),
  )
/** One of the words that mean more than a name, unquoted. */
export const hasKeyword = (tokens: Token[], word: string): boolean =>
  tokens.some(({ text, quoted }) => text === word && !quoted)
