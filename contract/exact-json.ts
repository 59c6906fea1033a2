const UNSAFE = /\d{16}/
/** A string, or a number. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/**
 * As JSON.parse, but whole numbers beyond 2^53 are bigint, as YAML's are: system identifiers of PostgreSQL and keys of tables
 * are such. @throws {SyntaxError}
 */
export function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text)
  if (!UNSAFE.test(text)) return parsed
  let mark = '#'
  while (text.includes(mark)) mark += '#'
  const marked = text.replace(TOKEN, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  )
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  )
}

type Replacer = (this: any, key: string, value: unknown) => unknown

/**
 * As JSON.stringify, but every number is that number: whole ones beyond 2^53 are their digits, and what JSON has no word for
 * is Python's (Infinity, NaN), which whoever wants strict JSON refuses, where null would be taken.
 * @param replacer as JSON.stringify has it; it may be asked twice
 * @throws {TypeError} for a value that contains itself
 */
export function jsonText(value: unknown, indent?: number, replacer?: Replacer): string {
  const plain = replacer ? undefined : quickText(value, indent)
  if (plain !== undefined && !plain.includes('null')) return plain
  let found = false
  const marked = (mark: string): string =>
    JSON.stringify(
      value,
      function (key, one: unknown) {
        const said = replacer ? replacer.call(this, key, one) : one
        if (typeof said !== 'bigint' && (typeof said !== 'number' || Number.isFinite(said))) return said
        found = true
        return `${mark}${said}`
      },
      indent,
    )
  const unmarked = marked('')
  if (!found) return unmarked
  let mark = '#'
  while (unmarked.includes(mark)) mark += '#'
  return marked(mark).replace(new RegExp(`"${mark}(-?[0-9a-zA-Z]+)"`, 'g'), '$1')
}

/** undefined: there is a bigint in it, or it contains itself. */
function quickText(value: unknown, indent: number | undefined): string | undefined {
  try {
    return JSON.stringify(value, undefined, indent)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
