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
