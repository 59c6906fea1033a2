/**
 * Splits a command line into words as a shell would: quotes and backslashes, but no variables, globs, pipes or
 * comments. @throws {Error} on an open quote.
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    if (quote === "'") {
      if (char === "'") quote = null
      else word += char
    } else if (char === '\\' && (quote === null || /["\\$`\n]/.test(line[at + 1] ?? ''))) {
      at += 1
      if (at >= line.length) throw new Error('a backslash at the end escapes nothing')
      if (line[at] !== '\n') word = (word ?? '') + line[at]
    } else if (quote === '"') {
      if (char === '"') quote = null
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else {
      word = (word ?? '') + char
    }
  }
  if (quote !== null) throw new Error(`the quote ${quote} is never closed`)
  if (word !== null) words.push(word)
  return words
}
