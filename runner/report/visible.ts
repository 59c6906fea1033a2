/**
 * Control characters, and marks that reorder text, shown as escapes: what a host says must not move the cursor, set a
 * title or hide a line. Line ends and tabs stay.
 */
export const visible = (text: string): string =>
  !HARMFUL.test(text)
    ? text
    : text.replaceAll('\r\n', '\n').replace(/[^\P{C}\n\t\u200d]/gu, (character) => escaped(character))

/** The same for what must be one line. */
export const visibleLine = (text: string): string =>
  visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')

const HARMFUL = /[^\n\t -~]/

const NAMED: Record<string, string> = { '\r': '\\r', '\b': '\\b', '\u001b': '\\e', '\0': '\\0' }

function escaped(character: string): string {
  const code = character.codePointAt(0)!
  return (
    NAMED[character] ??
    (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`)
  )
}
