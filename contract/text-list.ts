/**
 * The parts of a text that is a list, without blanks around them. A separator inside of `{{ }}`, `{% %}` or `{# #}` parts nothing:
 * it belongs to the template, which is rendered before the list is read for good.
 * @param separator commas, where left out
 */
export function textList(text: string, separator: RegExp = /,/): string[] {
  const parts: string[] = []
  let at = 0
  for (const found of withoutTemplates(text).matchAll(new RegExp(separator, 'g'))) {
    parts.push(text.slice(at, found.index))
    at = found.index + found[0].length
  }
  return [...parts, text.slice(at)].map((part) => part.trim())
}

const ENDS: Readonly<Record<string, string>> = { '{{': '}}', '{%': '%}', '{#': '#}' }

/** Of the same length, with a letter for each character of a template. */
function withoutTemplates(text: string): string {
  let made = ''
  for (let at = 0; at < text.length; ) {
    const end = ENDS[text.slice(at, at + 2)]
    const stop = end === undefined ? at + 1 : endOf(text, at + 2, end)
    made += end === undefined ? text[at] : 'x'.repeat(stop - at)
    at = stop
  }
  return made
}

/**
 * Behind the end of a template, which does not stand in a quoted text of it; the text's own where there is none. A block goes as far
 * as the last one does: what stands between its ends is of the template too.
 */
function endOf(text: string, from: number, end: string): number {
  const isBlock = end === '%}' || (end === '}}' && /[#^]/.test(text[from] ?? ''))
  if (isBlock && text.includes(end, from)) return text.lastIndexOf(end) + end.length
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith(end, at)) return at + end.length
    if (end === '#}' || (text[at] !== '"' && text[at] !== "'")) continue
    const close = text.indexOf(text[at]!, at + 1)
    if (close > 0) at = close
  }
  return text.length
}
