/** PostgreSQL's short names of types, and what format_type() writes for them (Data Types, table 8.1). */
const SHORT: Record<string, string> = {
  int: 'integer',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  bool: 'boolean',
  float4: 'real',
  float8: 'double precision',
  float: 'double precision',
  decimal: 'numeric',
  dec: 'numeric',
  varchar: 'character varying',
  char: 'character',
  varbit: 'bit varying',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
  'char varying': 'character varying',
  nchar: 'character',
  'nchar varying': 'character varying',
  'national char': 'character',
  'national character': 'character',
  'national char varying': 'character varying',
  'national character varying': 'character varying',
}

const PART = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`
const SEVERAL_WORDS =
  '(?:double\\s+precision|(?:national\\s+)?(?:character|char|bit)\\s+varying|national\\s+(?:character|char)|interval\\s+\\w+(?:\\s+to\\s+\\w+)?)'
const ONE_TYPE = new RegExp(
  String.raw`^\s*(?:${SEVERAL_WORDS}|${PART}(?:\s*\.\s*${PART})*)(?:\s*\((?:[\w\s,.+-]|'[^']*')*\))?(?:\s+with(?:out)?\s+time\s+zone)?(?:(?:\s*\[\s*\d*\s*\])*|\s+array(?:\s*\[\s*\d+\s*\])?)\s*$`,
  'i',
)

/** Whether a text names one type and says nothing more, such as a constraint or another column. */
export const isOneType = (text: string): boolean => ONE_TYPE.test(text)

/** Types with digits of a second, of which the server cuts off what is more than that, with a warning. */
const OF_SECONDS = /^(timestamp|time|interval)\b/
const MOST_DIGITS = 6

/** Where the modifier stands inside the name: `timestamp(3) with time zone`. */
const INFIX = /^(timestamp|time) (with|without) time zone$/

/**
 * A type as format_type() writes it, so that texts can be compared: `INT[]` → `integer[]`, `varchar( 10 )` →
 * `character varying(10)`, `timestamptz(3)` → `timestamp(3) with time zone`. Other names are lower-cased unless quoted.
 */
export function formatType(text: string): string {
  const [, before, modifier, after, array = ''] =
    /^([^([]*)(?:\(([^)]*)\)([^[]*))?((?:\[\d*\]\s*)*)$/.exec(
      lower(text.trim()).replace(/(?<!\s)\s+array(\s*\[\s*\d+\s*\])?$/, '[]'),
    ) ?? []
  if (before === undefined) return text.trim()
  const spaced = `${before} ${after ?? ''}`.replace(/\s+/g, ' ').trim()
  const brackets = array.trim() === '' ? '' : '[]'
  // FLOAT takes a number of bits, and is one of two types.
  if (spaced === 'float' && modifier)
    return `${Number(modifier) <= 24 ? 'real' : 'double precision'}${brackets}`
  // The array of a type is called by its name behind an underscore (8.15).
  if (/^_[a-z]/.test(spaced) && !brackets && !modifier) return `${formatType(spaced.slice(1))}[]`
  const name = spaced === 'bpchar' && modifier ? 'character' : (SHORT[spaced] ?? spaced)
  const said = modifier?.replace(/\s/g, '') ?? DEFAULT_SIZE[name]
  const size = said && OF_SECONDS.test(name) ? String(Math.min(Number(said), MOST_DIGITS)) : said
  if (!size) return `${name}${brackets}`
  const infix = INFIX.exec(name)
  const full = infix ? `${infix[1]}(${size}) ${infix[2]} time zone` : `${name}(${withScale(name, size)})`
  return `${full}${brackets}`
}

/** `char` alone is char(1), `bit` is bit(1). */
const DEFAULT_SIZE: Record<string, string> = { character: '1', bit: '1' }

/** numeric(10) is numeric(10,0). */
const withScale = (name: string, size: string): string =>
  name === 'numeric' && !size.includes(',') ? `${size},0` : size

/**
 * Whether a column's type, as format_type() writes it under our own search path, is the wanted one, as formatType() does. Where no
 * schema is said, whichever has it is right: the server looks for it when the column is made.
 */
export function sameType(has: string, wanted: string): boolean {
  const here = formatType(has)
  if (here === wanted) return true
  return !SCHEMA.test(wanted) && here.replace(SCHEMA, '') === wanted
}
const SCHEMA = /^(?:"(?:[^"]|"")*"|[^".([\s]+)\./

/**
 * Lower case outside double quotes, and without those that need not be; the schema in which everybody finds types is left out.
 * `"char"` and `"bit"` are other types than char and bit, which have a length of one (8.3, 8.10), and so are those of pg_catalog.
 */
const lower = (text: string): string =>
  text
    .split(/("(?:[^"]|"")*")/)
    .map((part, index) => (index % 2 === 1 ? unquoted(part) : tight(part.toLowerCase())))
    .join('')
    .replace(/^pg_catalog\.(char|bit)(?=\s*(?:\[|$))/, '"$1"')
    .replace(/^pg_catalog\./, '')

const unquoted = (part: string): string =>
  !/^"(char|bit)"$/.test(part) && /^"[a-z_][a-z0-9_]*"$/.test(part) ? part.slice(1, -1) : part

/** Without blanks around dots. */
const tight = (text: string): string =>
  text
    .split('.')
    .map((part, index, all) => {
      const from = index > 0 ? part.trimStart() : part
      return index < all.length - 1 ? from.trimEnd() : from
    })
    .join('.')
