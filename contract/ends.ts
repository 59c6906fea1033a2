/**
 * Ends of texts, in time that grows as the text does. `/x+$/` looks for the end of the text from each x on anew, so that a
 * million of them, which any command may say, keep the program busy for minutes, without hearing a signal.
 */

/** A text without the characters at its end that fit. @param ends of one character: `/[\r\n]/` */
export function withoutEnd(text: string, ends: RegExp): string {
  let end = text.length
  while (end > 0 && ends.test(text[end - 1]!)) end -= 1
  return text.slice(0, end)
}

export const withoutLineEnds = (text: string): string => withoutEnd(text, /[\r\n]/)

/** A path without the slashes at its end; `/` stays. */
export const withoutSlashes = (path: string): string => withoutEnd(path, /\//) || path.slice(0, 1)

/** What stands before and behind the first character that fits, without blanks around; undefined where none does. */
export function partedAt(text: string, separator: RegExp): [before: string, behind: string] | undefined {
  const at = text.search(separator)
  return at < 0 ? undefined : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}
