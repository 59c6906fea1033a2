import { withoutEnd } from '../../contract/ends.ts'

/** Words that make what they name a secret where they stand last: `db_password`, `apiToken`, `smtp.pass`. */
const LAST_WORDS = new Set(
  (
    'password passwords passwd passwds pass pwd pw passphrase passphrases passcode secret secrets token tokens ' +
    'credential credentials creds apikey apikeys privatekey secretkey psk'
  ).split(' '),
)

/** The same where it is written in one word with what comes before: `pgpassword`, `ldapbindpasswd`, `authtoken`. */
const LAST_SYLLABLE = /[a-z](password|passwd|pwd|passphrase|secret|token|apikey)s?$/

/** What a key is for, where it is a secret: `api_key`, but neither `public_key` nor `primary_key`. */
const SECRET_KEYS = new Set('api private secret access encryption signing master auth shared'.split(' '))

/** Stand behind such a word and leave it one: `password_old`, `token2`, `password_b64`. */
const TRAILERS = new Set('value old new current previous plain text hash b64 base64'.split(' '))

/** Stand before such a word and make it a question or a number: `has_password`, `max_tokens`. */
const NOT_A_VALUE = new Set('ask has is use no num number max min count allow require required'.split(' '))

/** The whole value of this setting is a command that prints a passphrase. */
const WHOLE_NAMES = new Set(['ssl_passphrase_command'])

const known = new Map<string, boolean>()
/** Names come from hosts, too: what is remembered is bounded. */
const MOST_KNOWN = 10_000

/**
 * Whether what bears this name is a secret: its last word says so. `password_encryption`, `passwords_file`,
 * `token_bucket_size` and `secret_name` are none (docs/security.md, Secrets).
 */
export function isSecretName(name: string): boolean {
  let answer = known.get(name)
  if (answer === undefined) {
    if (known.size >= MOST_KNOWN) known.clear()
    answer = decide(name)
    known.set(name, answer)
  }
  return answer
}

function decide(name: string): boolean {
  if (name.length > 100) return false
  const words = wordsOf(name)
  if (WHOLE_NAMES.has(words.join('_'))) return true
  while (words.length > 1 && (TRAILERS.has(words.at(-1)!) || /^\d+$/.test(words.at(-1)!))) words.pop()
  const last = withoutEnd(words.at(-1) ?? '', /\d/)
  const before = words.at(-2) ?? ''
  if (NOT_A_VALUE.has(words[0]!) || NOT_A_VALUE.has(before)) return false
  if (last === 'key' || last === 'keys') return SECRET_KEYS.has(before)
  // The folder that a shell was in before.
  return LAST_WORDS.has(last) || (LAST_SYLLABLE.test(last) && last !== 'oldpwd')
}

/** `apiKey`, `API_KEY`, `api-key` and `x.api key` alike. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

/** Whether a value says nothing of the secret that its name promises: a path under `private_key` or `pwd`. */
export const isNoSecret = (name: string, value: string): boolean =>
  /(key|pwd|command)s?$/i.test(name) && /^(~|\.{0,2})\/[^\s:]+$/.test(value)

/** Keys below a mapping of secrets that name who they are for: `credentials: { user: app, password: … }`. */
export const PLAIN_KEYS: ReadonlySet<string> = new Set(
  (
    'user username login name role owner group host hostname address port db dbname database service url type kind ' +
    'method path file dest mode description comment state'
  ).split(' '),
)
