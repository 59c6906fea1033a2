import { Refusal } from '../../contract/errors.ts'

/** So that a slip of the pen does not fill the memory. */
const MOST_ITEMS = 100_000

interface Wanted {
  start: number
  end?: number
  count?: number
  stride?: number
  format?: string
}

/** `start=1 end=9 stride=2 format=web%02d`, `count=4`, or in short `1-9/2:web%02d` (Ansible's sequence lookup). */
export function sequence(term: unknown): string[] {
  const text = String(term)
  const wanted = inShort(text) ?? spelledOut(text)
  const { start, count } = wanted
  if (count === undefined && wanted.end === undefined) throw wrong(text, 'needs count or end')
  if (count !== undefined && wanted.end !== undefined) throw wrong(text, 'takes count or end, not both')
  if (count === 0) return []
  const stride = wanted.stride ?? 1
  const end = wanted.end ?? start + (count! - 1) * stride
  if (stride === 0 || (count === undefined && wanted.stride === 0)) return []
  if (stride > 0 && end < start) throw wrong(text, `counts up from ${start}, but ends at ${end}`)
  if (stride < 0 && end > start) throw wrong(text, `counts down from ${start}, but ends at ${end}`)
  const length = Math.floor((end - start) / stride) + 1
  if (length > MOST_ITEMS) throw wrong(text, `has ${length} numbers, and ${MOST_ITEMS} are the most`)
  return Array.from({ length }, (_, index) => formatted(start + index * stride, wanted.format ?? '%d', text))
}

const NUMBER = '-?(?:0x[0-9a-f]+|0o?[0-7]+|[0-9]+)'
const SHORT = new RegExp(`^(?:(${NUMBER})-)?(${NUMBER})(?:/(${NUMBER}))?(?::(.+))?$`, 'i')

function inShort(text: string): Wanted | undefined {
  const [whole, start, end, stride, format] = SHORT.exec(text.trim()) ?? []
  if (whole === undefined) return undefined
  return {
    start: start === undefined ? 1 : numberOf(start, text),
    end: numberOf(end!, text),
    stride: stride === undefined ? undefined : numberOf(stride, text),
    format,
  }
}

function spelledOut(text: string): Wanted {
  const wanted: Wanted = { start: 1 }
  for (const [, name, quoted, bare] of text.matchAll(/([^\s=]+)(?:=(?:"([^"]*)"|(\S*)))?/g)) {
    const value = quoted ?? bare
    if (value === undefined) throw wrong(text, `does not take ${name}`)
    if (name === 'format') wanted.format = value
    else if (name === 'start' || name === 'end' || name === 'count' || name === 'stride')
      wanted[name] = numberOf(value, text)
    else throw wrong(text, `does not take ${name}`)
  }
  return wanted
}

/** In Python's spellings: 0x1f, 0o17, and 017 too. */
function numberOf(digits: string, text: string): number {
  const sign = digits.startsWith('-') ? -1 : 1
  const bare = digits.replace('-', '')
  const value = Number(/^0[0-7]+$/.test(bare) ? `0o${bare.slice(1)}` : bare)
  if (bare === '' || !Number.isInteger(value))
    throw wrong(text, `takes whole numbers, and '${digits}' is none`)
  return sign * value
}

/** printf's %d %x %X %o, with flags and width. */
function formatted(number: number, format: string, text: string): string {
  let used = false
  const made = format.replace(
    /%(?:(%)|([-0+ #]*)([1-9]\d*)?([a-zA-Z]))/g,
    (_, percent?: string, flags = '', width = '', kind = '') => {
      if (percent) return '%'
      used = true
      const base = { d: 10, i: 10, u: 10, x: 16, X: 16, o: 8 }[kind as string]
      if (base === undefined) throw wrong(text, `takes %d, %x and %o in its format, not %${kind}`)
      const digits = Math.abs(number).toString(base)
      const prefix = flags.includes('#') && base !== 10 ? (base === 16 ? `0${kind}` : '0o') : ''
      const sign = number < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
      const body = kind === 'X' ? digits.toUpperCase() : digits
      const space = Math.max(0, Number(width || 0) - sign.length - prefix.length - body.length)
      if (flags.includes('-')) return sign + prefix + body + ' '.repeat(space)
      return flags.includes('0')
        ? sign + prefix + '0'.repeat(space) + body
        : ' '.repeat(space) + sign + prefix + body
    },
  )
  if (!used) throw wrong(text, `has the format ${format}, in which no number stands`)
  return made
}

const wrong = (text: string, why: string): Refusal =>
  new Refusal(`with_sequence: '${text}' ${why}`, 'write with_sequence: start=1 end=4, or count=4')
