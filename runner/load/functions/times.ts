import { str } from '../jinja/value.ts'
import { DateTime } from './date-time.ts'
import { filter, floatOfText, isOn, requireNumber, requireText } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const DAY = 86_400_000

const two = (number: number): string => String(number).padStart(2, '0')

/** @param date whose parts in UTC are those to print */
export function formatTime(format: string, date: Date, zone: { name: string; minutes: number }): string {
  const [year, month, day, weekday] = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCDay(),
  ]
  const hour = date.getUTCHours()
  const yearDay = Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / DAY)
  const hour12 = hour % 12 === 0 ? 12 : hour % 12
  const week = (first: number): number => Math.floor((yearDay + 7 - ((weekday - first + 7) % 7)) / 7)
  const thursday = new Date(date.getTime() + (3 - ((weekday + 6) % 7)) * DAY)
  const isoYear = thursday.getUTCFullYear()
  const isoWeek = Math.floor((thursday.getTime() - Date.UTC(isoYear, 0, 1)) / DAY / 7) + 1
  const again = (text: string): string => formatTime(text, date, zone)
  const parts: Readonly<Record<string, () => string>> = {
    Y: () => String(year),
    m: () => two(month + 1),
    d: () => two(day),
    H: () => two(hour),
    M: () => two(date.getUTCMinutes()),
    S: () => two(date.getUTCSeconds()),
    y: () => two(year % 100),
    C: () => two(Math.floor(year / 100)),
    e: () => String(day).padStart(2),
    k: () => String(hour).padStart(2),
    l: () => String(hour12).padStart(2),
    I: () => two(hour12),
    p: () => (hour < 12 ? 'AM' : 'PM'),
    P: () => (hour < 12 ? 'am' : 'pm'),
    a: () => DAYS[weekday]!.slice(0, 3),
    A: () => DAYS[weekday]!,
    b: () => MONTHS[month]!.slice(0, 3),
    h: () => MONTHS[month]!.slice(0, 3),
    B: () => MONTHS[month]!,
    j: () => String(yearDay + 1).padStart(3, '0'),
    U: () => two(week(0)),
    W: () => two(week(1)),
    w: () => String(weekday),
    u: () => String(weekday === 0 ? 7 : weekday),
    V: () => two(isoWeek),
    G: () => String(isoYear),
    g: () => two(isoYear % 100),
    s: () => String(Math.floor(date.getTime() / 1000) - zone.minutes * 60),
    n: () => '\n',
    t: () => '\t',
    '%': () => '%',
    Z: () => zone.name,
    z: () =>
      `${zone.minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(zone.minutes) / 60))}${two(Math.abs(zone.minutes) % 60)}`,
    F: () => again('%Y-%m-%d'),
    T: () => again('%H:%M:%S'),
    D: () => again('%m/%d/%y'),
    R: () => again('%H:%M'),
    r: () => again('%I:%M:%S %p'),
    c: () => again('%a %b %e %H:%M:%S %Y'),
    x: () => again('%m/%d/%y'),
    X: () => again('%H:%M:%S'),
    f: () => `${String(date.getUTCMilliseconds()).padStart(3, '0')}000`,
  }
  return format.replace(/%([\s\S])/g, (all, letter: string) =>
    Object.hasOwn(parts, letter) ? parts[letter]!() : all,
  )
}

const zoneName = (date: Date): string =>
  /\(?([A-Z]{2,5})\)?$/.exec(new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).format(date))?.[1] ??
  'UTC'

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
  const minutes = isOn(utc) ? 0 : -date.getTimezoneOffset()
  return formatTime(requireText(format), new Date(date.getTime() + minutes * 60_000), {
    name: isOn(utc) ? 'GMT' : zoneName(date),
    minutes,
  })
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
