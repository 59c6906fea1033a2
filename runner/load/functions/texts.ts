import { withoutEnd } from '../../../contract/ends.ts'
import { requireLength } from '../budget.ts'
import { formatPercent } from '../jinja/percent.ts'
import { characters, lengthOf, str, Tuple, ValueFault } from '../jinja/value.ts'
import { attributeOf } from './attribute.ts'
import { filter, isOn, requireInt, requireItems, requireText, textOf } from './define.ts'
import type { LibraryFunction } from './function.ts'
import { wrap } from './wrap.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => ESCAPES[one]!)

/** Lines as Python's splitlines has them. */
export const linesOf = (text: string): string[] => {
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

const capital = (text: string): string => {
  const [first = '', ...rest] = [...text]
  return first.toUpperCase() + rest.join('').toLowerCase()
}

/** As Python has it. */
const BLANK = /[\s\x1c-\x1f\x85]/

function strip(text: string, chars: unknown): string {
  if (chars === null) return withoutEnd(text.replace(/^[\s\x1c-\x1f\x85]+/, ''), BLANK)
  const set = new Set(requireText(chars))
  const all = [...text]
  let start = 0
  let end = all.length
  while (start < end && set.has(all[start]!)) start++
  while (end > start && set.has(all[end - 1]!)) end--
  return all.slice(start, end).join('')
}

function indent(text: string, width: unknown, first: boolean, blank: boolean): string {
  const space = typeof width === 'string' ? width : ' '.repeat(Math.max(0, requireInt(width, 'width')))
  const lines = linesOf(`${text}\n`)
  requireLength(text.length + lines.length * space.length)
  const [head = '', ...rest] = lines
  const indented = rest.map((line) => (blank || line !== '' ? space + line : line))
  return (first ? space : '') + [head, ...indented].join('\n')
}

function truncate(text: string, length: number, kill: boolean, end: string, leeway: number): string {
  const all = [...text]
  const room = length - [...end].length
  if (room < 0) throw new ValueFault(`the length ${length} leaves no room for '${end}'`)
  if (leeway < 0) throw new ValueFault('leeway must not be negative')
  if (all.length <= length + leeway) return text
  const kept = all.slice(0, room).join('')
  if (kill) return kept + end
  const space = kept.lastIndexOf(' ')
  return (space < 0 ? kept : kept.slice(0, space)) + end
}

function center(text: string, width: number): string {
  const { length } = characters(text)
  const padding = Math.max(0, width - length)
  requireLength(padding)
  const left = (padding >> 1) + (padding & width & 1)
  return ' '.repeat(left) + text + ' '.repeat(padding - left)
}

/** Python's split of a text. */
export function split(text: string, separator: unknown, most: number): string[] {
  if (separator === null) {
    const parts: string[] = []
    let rest = text.replace(/^[\s\x1c-\x1f\x85]+/, '')
    while (rest !== '') {
      const found = most >= 0 && parts.length >= most ? null : /[\s\x1c-\x1f\x85]+/.exec(rest)
      parts.push(
        found
          ? rest.slice(0, found.index)
          : most >= 0 && parts.length >= most
            ? withoutEnd(rest, BLANK)
            : rest,
      )
      rest = found ? rest.slice(found.index + found[0].length) : ''
    }
    return parts
  }
  const by = requireText(separator)
  if (by === '') throw new ValueFault('the separator is empty')
  const parts = text.split(by)
  return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(by)]
}

function replace(text: string, from: string, to: string, count: number): string {
  const all = from === '' ? [...text] : undefined
  const parts = all ? ['', ...all, ''] : text.split(from)
  if (count >= 0 && parts.length - 1 > count) {
    const kept = all ? parts.slice(count).join('') : parts.slice(count).join(from)
    return [...parts.slice(0, count), kept].join(to)
  }
  requireLength(text.length + (parts.length - 1) * to.length)
  return parts.join(to)
}

export const TEXTS: readonly LibraryFunction[] = [
  filter('string()', '5 | string', 'the value as text', ([value]) => textOf(value)),
  filter('lower()', "'ABC' | lower", 'in small letters', ([value]) => textOf(value).toLowerCase()),
  filter('upper()', "'abc' | upper", 'in capital letters', ([value]) => textOf(value).toUpperCase()),
  filter(
    'capitalize()',
    "'main cluster' | capitalize",
    'the first letter large, the others small',
    ([value]) => capital(textOf(value)),
  ),
  filter(
    'title()',
    "'main cluster' | title",
    'the first letter of each word large, the others small',
    ([value]) =>
      textOf(value)
        .split(/([-\s({[<]+)/)
        .map(capital)
        .join(''),
  ),
  filter(
    'trim(chars=None)',
    "' x ' | trim",
    'without white space, or these characters, at both ends',
    ([value, chars]) => strip(textOf(value), chars),
  ),
  filter(
    'replace(old, new, count=None)',
    "'a-b' | replace('-', '_')",
    'each occurrence of a text, or the first few, replaced by another',
    ([value, from, to, count]) =>
      replace(textOf(value), textOf(from), textOf(to), count === null ? -1 : requireInt(count, 'count')),
  ),
  filter(
    'split(sep=None, maxsplit=-1)',
    "'a,b' | split(',')",
    'the parts of a text between separators, or its words',
    ([value, separator, most]) => split(requireText(value), separator, requireInt(most, 'maxsplit')),
  ),
  filter(
    'join(d="", attribute=None)',
    "['a', 'b'] | join(', ')",
    'the elements of a list, or an attribute of each, with a text between them',
    ([value, separator, attribute], call) => {
      const parts = requireItems(value)
      call.spend(parts.length)
      const texts = parts.map((part) => textOf(attributeOf(part, attribute, call)))
      return texts.join(textOf(separator))
    },
  ),
  filter(
    'indent(width=4, first=False, blank=False)',
    'text | indent(2)',
    'each line but the first moved to the right; the first and empty ones too where that is said',
    ([value, width, first, blank]) => indent(requireText(value), width, isOn(first), isOn(blank)),
  ),
  filter(
    'wordwrap(width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True)',
    'text | wordwrap(60)',
    'lines of at most so many characters, broken between words',
    ([value, width, long, mark, hyphens]) =>
      linesOf(requireText(value))
        .map((line) =>
          wrap(line, requireInt(width, 'width'), isOn(long), isOn(hyphens)).join(
            mark === null ? '\n' : textOf(mark),
          ),
        )
        .join(mark === null ? '\n' : textOf(mark)),
  ),
  filter(
    'truncate(length=255, killwords=False, end="...", leeway=None)',
    'text | truncate(20)',
    'the start of a text that is too long, with … behind it',
    ([value, length, kill, end, leeway]) => {
      const most = requireInt(length, 'length')
      const over = leeway === null ? 5 : requireInt(leeway, 'leeway')
      // What is short is given back whatever it is.
      if (typeof value !== 'string' && (lengthOf(value) ?? Infinity) <= most + over) return value
      return truncate(requireText(value), most, isOn(kill), requireText(end), over)
    },
  ),
  filter('center(width=80)', "'x' | center(9)", 'in the middle of so many characters', ([value, width]) =>
    center(textOf(value), requireInt(width, 'width')),
  ),
  filter(
    'wordcount()',
    'text | wordcount',
    'how many words',
    ([value]) => (textOf(value).match(/[\p{L}\p{N}_]+/gu) ?? []).length,
  ),
  filter('striptags()', 'text | striptags', 'without tags of XML, white space as one space', ([value]) =>
    without(without(textOf(value), '<!--', '-->'), '<', '>')
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  ),
  filter('escape e forceescape()', 'text | e', '& < > " and \' as XML and HTML write them', ([value]) =>
    escapeHtml(textOf(value)),
  ),
  filter('safe()', 'text | safe', 'the text itself: nothing is escaped without being asked for', ([value]) =>
    textOf(value),
  ),
  filter(
    'format(*args, **named)',
    "'%s-%02d' | format('db', 1)",
    'a format of Python with values in its places',
    ([value, args, named], call) => {
      const list = args as unknown[]
      if (Object.keys(named as object).length === 0) return formatPercent(textOf(value), Tuple.holding(list))
      if (list.length > 0) call.fail('values are given either by position or by name')
      return formatPercent(textOf(value), named)
    },
  ),
  filter('reverse()', '[1, 2] | reverse', 'the other way round', ([value]) =>
    typeof value === 'string' ? [...value].reverse().join('') : requireItems(value).reverse(),
  ),
  filter(
    'length count()',
    '[1, 2] | length',
    'how many elements, keys or characters',
    ([value]) => requireItems(value).length,
  ),
  filter(
    'comment(style="plain", **named)',
    'ansible_managed | comment',
    'each line as a comment',
    ([value, style, named]) => comment(requireText(value), str(style), named as Record<string, unknown>),
  ),
]

const STYLES: Readonly<Record<string, Record<string, string>>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
}

function comment(text: string, style: string, named: Record<string, unknown>): string {
  const known = Object.hasOwn(STYLES, style) ? STYLES[style] : undefined
  if (!known)
    throw new ValueFault(
      `there is no style '${style}' of comments`,
      `there are ${Object.keys(STYLES).join(', ')}`,
    )
  const given = (key: string, fallback: unknown): unknown =>
    Object.hasOwn(named, key) ? named[key] : (known[key] ?? fallback)
  const of = (key: string, fallback = ''): string => requireText(given(key, fallback))
  const decoration = of('decoration')
  const trimmed = decoration.trimEnd()
  const newline = of('newline', '\n')
  const [beginning, end] = [of('beginning'), of('end')]
  const prefix = of('prefix', trimmed)
  const postfix = of('postfix', trimmed)
  const times = (key: string): number => Math.max(0, requireInt(given(key, 1), key))
  requireLength((prefix.length + 1) * times('prefix_count') + (postfix.length + 1) * times('postfix_count'))
  const before =
    prefix === '' ? '' : (prefix === newline ? newline : prefix + newline).repeat(times('prefix_count'))
  const body = (decoration + replace(text, newline, newline + decoration, -1)).replaceAll(
    decoration + newline,
    () => trimmed + newline,
  )
  return [
    beginning && beginning + newline,
    before,
    body,
    (newline + postfix).repeat(times('postfix_count')),
    end && newline + end,
  ].join('')
}

/** Without what stands between two marks. Each of them is looked for once, so that a text of marks takes no squares. */
function without(text: string, open: string, close: string): string {
  let kept = ''
  let from = 0
  for (let start = text.indexOf(open); start !== -1; start = text.indexOf(open, from)) {
    const end = text.indexOf(close, start + open.length)
    if (end === -1) break
    kept += text.slice(from, start)
    from = end + close.length
  }
  return kept + text.slice(from)
}
