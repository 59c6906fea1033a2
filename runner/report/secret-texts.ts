import { isNoSecret, isSecretName } from './secret-names.ts'

export const MASK = '********'

/** A kind of text that carries secrets: what stands before the secret, and the secret. */
interface Kind {
  /** Where it has a group `name`, that must be a secret's. */
  head: RegExp
  value: RegExp
  /** Only where the text is a file's: in prose it would hide too much. */
  file?: true
}

// Repetitions are bounded, so that the time grows with the length of the text alone.
const NAME = '(?<name>[A-Za-z_][\\w.-]{0,60})'
const SINGLE = `E?'(?:''|\\\\'|[^'\\n]){0,2000}'`
/** In quotes of any kind, those of a quoted text in quotes included. */
const QUOTED =
  `'\\\\''[^'\\n]{0,2000}'\\\\''|''(?=[^'\\s])(?:[^'\\n]|''''){1,2000}''|${SINGLE}|` +
  '\\\\"[^"\\n]{0,2000}\\\\"|"(?:\\\\.|""|[^"\\\\\\n]){0,2000}"'
const YAML_LINE = '^[ \\t]*(?:\\d+ \\|[ \\t]*)?(?:[-+][ \\t]*){0,2}'
/** The beginning of a plain scalar; others are lists, mappings, blocks, anchors, comments. */
const PLAIN = '[^\\s"\'{}[\\]|>&*!,#]'

const head = (source: string, flags = ''): RegExp => new RegExp(source, `g${flags}`)
const value = (source: string, flags = ''): RegExp => new RegExp(`(?:${source})`, `y${flags}`)

const kinds: readonly Kind[] = [
  // postgres://user:password@host, https://user:password@repository: the user may hold no colon, the password may.
  {
    head: head('\\b[a-z][a-z0-9+.-]{0,30}:\\/\\/[^\\s/?#@:\'"]{0,256}:', 'i'),
    value: value('[^\\s/?#\'"]{1,1024}(?=@)'),
  },
  {
    head: head('-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----'),
    value: value('(?:[^-]|-(?!----))+'),
  },
  // pg_hba.conf takes an option in quotes as a whole: "ldapbindpasswd=two words".
  { head: head(`"${NAME}=`), value: value('(?:\\\\.|""|[^"\\\\\\n]){1,2000}(?=")') },
  // conninfo, options of pg_hba.conf, postgresql.conf, the environment, --password=x, ?password=x&….
  {
    head: head(`(?<![\\w.])${NAME}[ \\t]{0,9}=[ \\t]{0,9}`),
    value: value(`${QUOTED}|(?!=)(?:(?!&\\w{1,30}=)[^\\s"']){1,2000}`),
  },
  {
    // --private-key takes a path.
    head: head(`(?<![\\w-])--(?!private-key )${NAME}[ \\t]{1,9}`),
    value: value(`${QUOTED}|[^\\s"'-][^\\s"']{0,2000}`),
  },
  // JSON, also in a JSON text, and the like.
  {
    head: head(`(?<quote>\\\\{0,3}["'])${NAME}\\k<quote>\\s{0,9}:\\s{0,9}`),
    value: value(`${QUOTED}|-?\\d[\\d.]{0,40}`),
  },
  // YAML. What follows the name on its line is the value where it is a file's line.
  {
    head: head(`(?:${YAML_LINE}|\\{[ \\t]*)${NAME}:[ \\t]{1,99}`, 'm'),
    value: value(`(?:${QUOTED}|${PLAIN}[^\\s,}]{0,2000})(?=[ \\t]{0,99}(?:[,}#]|$))`, 'm'),
  },
  {
    file: true,
    head: head(`${YAML_LINE}${NAME}:[ \\t]{1,99}`, 'm'),
    value: value(`${PLAIN}.{0,2000}$`, 'm'),
  },
  {
    file: true,
    head: head(`[{,][ \\t]*${NAME}:[ \\t]{1,99}`),
    value: value(`(?:${QUOTED}|${PLAIN}[^,}\\n]{0,2000}?)(?=[ \\t]{0,99}[,}])`),
  },
  // ALTER ROLE … PASSWORD '…', OPTIONS (password '…'), IDENTIFIED BY '…'.
  {
    head: head('\\b(?:password|identified\\s{1,9}by)\\s{1,9}', 'i'),
    value: value(
      `'\\\\''[^'\\n]{0,2000}'\\\\''|${SINGLE}|\\$(?<tag>\\w{0,30})\\$[^$]{0,2000}\\$\\k<tag>\\$`,
      'i',
    ),
  },
  // A line of a password file: host:port:database:user:password (PostgreSQL, 34.16).
  {
    head: head(
      '^[-+ ]?(?:\\\\.|[^:\\\\\\s#]){1,255}:(?:\\*|\\d{4,5}):(?:(?:\\\\.|[^:\\\\\\s]){1,255}:){2}',
      'm',
    ),
    value: value('\\S.{0,2000}$', 'm'),
  },
  // ~/.netrc and apt's auth.conf.
  { head: head('\\blogin\\s{1,9}\\S{1,255}\\s{1,9}password\\s{1,9}'), value: value('\\S{1,2000}') },
  {
    head: head('\\bauthorization["\']?\\s{0,9}[:=]\\s{0,9}["\']?(?:bearer|basic)\\s{1,9}', 'i'),
    value: value('[\\w+/=.~-]{1,4000}'),
  },
]

/** Most texts hold nothing of the kind. */
const HINT = /pass|pwd|pw\b|secret|token|cred|key|psk|:\/\/|identified|:(?:\*|\d{4,5}):|authorization/i

/**
 * The one place that knows what texts carry secrets: connection strings, URLs, password files, pg_hba.conf, SQL, JSON,
 * YAML, private keys.
 * @param file the text is a file's, or a part of one: then a value reaches to the end of its line
 * @returns the text with those values hidden
 */
export function hideSecretsIn(text: string, { file = false } = {}): string {
  return replaceSecrets(text, file, hideOnce)
}

const hideOnce = (value: string): string => (wordsOnly(value) === MASK ? value : hidden(value))

/** The values that `hideSecretsIn` hides, without their quotes. */
export function secretsIn(text: string): string[] {
  const found: string[] = []
  replaceSecrets(text, false, (value) => {
    found.push(wordsOnly(value))
    return value
  })
  return found
}

function replaceSecrets(text: string, file: boolean, replace: (value: string) => string): string {
  if (!HINT.test(text)) return text
  return kinds.reduce(
    (before, kind) => (kind.file && !file ? before : replaceKind(before, kind, replace)),
    text,
  )
}

/** Where the name is no secret's, or there is no value, it looks on behind the name: inside the value, too. */
function replaceKind(text: string, { head, value }: Kind, replace: (value: string) => string): string {
  let result = ''
  let done = 0
  head.lastIndex = 0
  for (let found = head.exec(text); found; found = head.exec(text)) {
    const name = found.groups?.name
    if (name !== undefined && !isSecretName(name)) continue
    value.lastIndex = head.lastIndex
    const secret = value.exec(text)?.[0]
    if (secret === undefined || isNothing(secret, name)) continue
    result += text.slice(done, head.lastIndex) + replace(secret)
    done = head.lastIndex + secret.length
    head.lastIndex = done
  }
  return done === 0 ? text : result + text.slice(done)
}

const isNothing = (value: string, name = ''): boolean =>
  wordsOnly(value).startsWith('{{') || NOTHING.test(value) || isNoSecret(name, wordsOnly(value))

/** Values that say that there is none, or that it stands elsewhere. */
const NOTHING = /^(?:null|true|false|yes|no|none|\(.*\)|\$\{?\w+\}?|["']{2})$/i

const IN_QUOTES = /^(E?)('\\''|''|\\["']|["'])([\s\S]*)\2$/

const wordsOnly = (value: string): string => IN_QUOTES.exec(value)?.[3] ?? value

function hidden(value: string): string {
  const [, prefix, quote] = IN_QUOTES.exec(value) ?? []
  return quote ? prefix + quote + MASK + quote : MASK
}
