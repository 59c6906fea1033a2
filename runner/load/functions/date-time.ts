import { Builtin } from '../jinja/callable.ts'
import { float, PythonObject } from '../jinja/value.ts'
import { requireText } from './define.ts'
import { formatTime } from './format-time.ts'

const two = (number: number): string => String(number).padStart(2, '0')
const DAY = 86_400

/** Python's datetime without a zone. */
export class DateTime extends PythonObject {
  readonly type = 'datetime'
  /** @param time milliseconds, as if it were in UTC */
  constructor(readonly time: number) {
    super()
  }
  override str(): string {
    return this.#iso(' ')
  }
  override equals(other: unknown): boolean {
    return other instanceof DateTime && other.time === this.time
  }
  override compare(other: unknown): number | undefined {
    return other instanceof DateTime ? this.time - other.time : undefined
  }
  override key(): string {
    return `datetime ${this.time}`
  }
  override attribute(name: string): unknown {
    const date = new Date(this.time)
    const parts: Record<string, number> = {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      microsecond: date.getUTCMilliseconds() * 1000,
    }
    if (Object.hasOwn(parts, name)) return parts[name]
    const weekday = (date.getUTCDay() + 6) % 7
    const methods: Record<string, Builtin> = {
      strftime: new Builtin('strftime', 'format', ([format]) =>
        // It has no zone, so that its name and its distance are empty.
        formatTime(requireText(format).replaceAll(/%[zZ]/g, ''), date, { name: '', minutes: 0 }),
      ),
      isoformat: new Builtin('isoformat', "sep='T'", ([separator]) => this.#iso(requireText(separator))),
      weekday: new Builtin('weekday', '', () => weekday),
      isoweekday: new Builtin('isoweekday', '', () => weekday + 1),
      // Python takes it for a time of this machine.
      timestamp: new Builtin('timestamp', '', () =>
        float((this.time + minutesWest(this.time) * 60_000) / 1000),
      ),
    }
    return Object.hasOwn(methods, name) ? methods[name] : undefined
  }
  #iso(separator: string): string {
    const [day, time] = new Date(this.time).toISOString().slice(0, -1).split('T') as [string, string]
    return `${day}${separator}${time.endsWith('.000') ? time.slice(0, 8) : `${time}000`}`
  }
  override binary(op: string, other: unknown, reflected: boolean): unknown {
    if (op === '-' && !reflected && other instanceof DateTime)
      return new TimeDelta((this.time - other.time) / 1000)
    if (other instanceof TimeDelta && op === '+') return new DateTime(this.time + other.seconds * 1000)
    if (other instanceof TimeDelta && op === '-' && !reflected)
      return new DateTime(this.time - other.seconds * 1000)
    return undefined
  }
  override plain(): unknown {
    return this.str()
  }
}

/** How far this machine's time is behind UTC, at a time that is written in its own. */
function minutesWest(time: number): number {
  const date = new Date(time)
  return new Date(
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ).getTimezoneOffset()
}

/** `now()`. */
export const timeNow = (utc: boolean): DateTime => {
  const now = new Date()
  return new DateTime(now.getTime() - (utc ? 0 : now.getTimezoneOffset() * 60_000))
}

/** Python's timedelta: what lies between two times. */
export class TimeDelta extends PythonObject {
  readonly type = 'timedelta'
  constructor(readonly seconds: number) {
    super()
  }
  override str(): string {
    const days = Math.floor(this.seconds / DAY)
    const rest = this.seconds - days * DAY
    const clock = `${Math.floor(rest / 3600)}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`
    return days === 0 ? clock : `${days} day${Math.abs(days) === 1 ? '' : 's'}, ${clock}`
  }
  override truthy(): boolean {
    return this.seconds !== 0
  }
  override equals(other: unknown): boolean {
    return other instanceof TimeDelta && other.seconds === this.seconds
  }
  override compare(other: unknown): number | undefined {
    return other instanceof TimeDelta ? this.seconds - other.seconds : undefined
  }
  override attribute(name: string): unknown {
    const days = Math.floor(this.seconds / DAY)
    if (name === 'days') return days
    if (name === 'seconds') return this.seconds - days * DAY
    if (name === 'microseconds') return 0
    return name === 'total_seconds' ? new Builtin(name, '', () => float(this.seconds)) : undefined
  }
  override plain(): unknown {
    return this.str()
  }
}
