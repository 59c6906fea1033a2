import { str } from '../jinja/value.ts'
import { DateTime } from './date-time.ts'
import { filter, floatOfText, isOn, requireNumber, requireText } from './define.ts'
import { DAYS, formatLocal, formatTime, MONTHS } from './format-time.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

function strftime([format, second, utc]: readonly unknown[], call: FunctionCall): string {
  // Without a time it is that of now, which is what is asked for.
  const seconds =
    second === null
      ? Date.now() / 1000
      : typeof second === 'string'
        ? (floatOfText(second) ?? call.fail(`'${second}' is no number of seconds`))
        : requireNumber(second)
  const date = new Date(Math.floor(seconds) * 1000)
  if (Number.isNaN(date.getTime())) call.fail('this is no time')
  return isOn(utc)
    ? formatTime(requireText(format), date, { name: 'GMT', minutes: 0 })
    : formatLocal(requireText(format), date)
}

type Parts = Record<'Y' | 'm' | 'd' | 'H' | 'M' | 'S', number>

const FIELDS: Readonly<Record<string, [RegExp, (text: string, parts: Parts) => void]>> = {
  Y: [/^\d{4}/, (text, parts) => (parts.Y = Number(text))],
  m: [/^(?:1[0-2]|0[1-9]|[1-9])/, (text, parts) => (parts.m = Number(text))],
  d: [/^(?:3[01]|[12]\d|0[1-9]|[1-9]| [1-9])/, (text, parts) => (parts.d = Number(text))],
  H: [/^(?:2[0-3]|[01]\d|\d)/, (text, parts) => (parts.H = Number(text))],
  M: [/^(?:[0-5]\d|\d)/, (text, parts) => (parts.M = Number(text))],
  S: [/^(?:6[01]|[0-5]\d|\d)/, (text, parts) => (parts.S = Number(text))],
  y: [/^\d\d/, (text, parts) => (parts.Y = Number(text) + (Number(text) < 69 ? 2000 : 1900))],
  b: [/^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i, (text, parts) => (parts.m = monthOf(text))],
  B: [new RegExp(`^(?:${MONTHS.join('|')})`, 'i'), (text, parts) => (parts.m = monthOf(text))],
  a: [/^(?:mon|tue|wed|thu|fri|sat|sun)/i, () => undefined],
  A: [new RegExp(`^(?:${DAYS.join('|')})`, 'i'), () => undefined],
  '%': [/^%/, () => undefined],
}

const monthOf = (text: string): number =>
  MONTHS.findIndex((name) => name.toLowerCase().startsWith(text.slice(0, 3).toLowerCase())) + 1

function toDateTime([value, format]: readonly unknown[], call: FunctionCall): DateTime {
  const wrong = (): never => call.fail(`'${str(value)}' is no time of the format '${str(format)}'`)
  let rest = requireText(value)
  const parts: Parts = { Y: 1900, m: 1, d: 1, H: 0, M: 0, S: 0 }
  const expanded = requireText(format).replaceAll('%F', '%Y-%m-%d').replaceAll('%T', '%H:%M:%S')
  for (const [piece, letter] of expanded.matchAll(/%([\s\S])|\s+|[^%\s]/g)) {
    if (letter === undefined) {
      const found = /^\s+$/.test(piece) ? /^\s+/.exec(rest)?.[0] : rest.startsWith(piece) ? piece : undefined
      if (found === undefined) return wrong()
      rest = rest.slice(found.length)
      continue
    }
    const field = Object.hasOwn(FIELDS, letter)
      ? FIELDS[letter]!
      : call.fail(`%${letter} is not known in a format to read`)
    const found = field[0].exec(rest)?.[0] ?? wrong()
    field[1](found, parts)
    rest = rest.slice(found.length)
  }
  const time = Date.UTC(parts.Y, parts.m - 1, parts.d, parts.H, parts.M, parts.S)
  if (rest !== '' || new Date(time).getUTCDate() !== parts.d) wrong()
  return new DateTime(time)
}

export const TIMES: readonly LibraryFunction[] = [
  filter(
    'strftime(second=None, utc=False)',
    "'%Y-%m-%d' | strftime(ansible_date_time.epoch)",
    'a time, in seconds since 1970, in a format',
    strftime,
  ),
  filter(
    'to_datetime(format="%Y-%m-%d %H:%M:%S")',
    "'2026-11-29 10:00:00' | to_datetime",
    'the time that a text says: times can be subtracted and compared',
    toDateTime,
  ),
]
