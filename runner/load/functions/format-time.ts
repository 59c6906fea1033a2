export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
export const MONTHS = [
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

/** In this machine's zone. */
export function formatLocal(format: string, date: Date): string {
  const minutes = -date.getTimezoneOffset()
  return formatTime(format, new Date(date.getTime() + minutes * 60_000), { name: zoneName(date), minutes })
}

const zoneName = (date: Date): string =>
  /\(?([A-Z]{2,5})\)?$/.exec(new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).format(date))?.[1] ??
  'UTC'
