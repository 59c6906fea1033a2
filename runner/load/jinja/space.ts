/** What Python's str and re call white space, as a class of a regular expression. */
export const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'

const ONE = new RegExp(`^${SPACE}$`)

export const isSpace = (character: string | undefined): boolean =>
  character !== undefined && ONE.test(character)

/** Python's lstrip and rstrip, in linear time. @param strips which characters go */
export function stripLeft(text: string, strips: (character: string) => boolean = isSpace): string {
  let start = 0
  while (start < text.length && strips(text[start]!)) start++
  return text.slice(start)
}

export function stripRight(text: string, strips: (character: string) => boolean = isSpace): string {
  let end = text.length
  while (end > 0 && strips(text[end - 1]!)) end--
  return text.slice(0, end)
}
