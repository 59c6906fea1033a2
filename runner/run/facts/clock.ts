import type { Vars } from '../../load/types.ts'
import type { Found } from './found.ts'

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** date_time: the host's clock, in whole seconds, and its zone. */
export function clockFacts(found: Found): Vars {
  const [epoch, second, minute, hour, day, month, years, weekday, yearday, isDst] = found
    .text('clock')
    .split(' ')
    .map(Number)
  if (epoch === undefined || isDst === undefined) return {}
  const two = (number: number) => String(number).padStart(2, '0')
  const year = String(years! + 1900)
  const date = `${year}-${two(month! + 1)}-${two(day!)}`
  const time = [hour, minute, second].map((one) => two(one!)).join(':')
  const offset = Math.round((Date.parse(`${date}T${time}Z`) / 1000 - epoch) / 60)
  const utc = new Date(epoch * 1000).toISOString().slice(0, 19)
  const short = `${date.replaceAll('-', '')}T${time.replaceAll(':', '')}`
  const [standard, summer] = zoneNames(found.bytes('zone').toString('latin1'))
  return {
    date_time: {
      ...{ year, month: two(month! + 1), weekday: WEEKDAYS[weekday!], weekday_number: String(weekday) },
      // Weeks begin with Monday; days before the first one are week 0.
      weeknumber: two(Math.floor((yearday! + 7 - ((weekday! + 6) % 7)) / 7)),
      ...{ day: two(day!), hour: two(hour!), minute: two(minute!), second: two(second!) },
      ...{ epoch: String(epoch), epoch_int: String(epoch), date, time },
      ...{ iso8601_micro: `${utc}.000000Z`, iso8601: `${utc}Z` },
      ...{ iso8601_basic: `${short}000000`, iso8601_basic_short: short },
      ...{ tz: isDst > 0 ? summer : standard, tz_dst: summer },
      tz_offset: `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`,
    },
  }
}

/**
 * What the zone is called, and in summer.
 * @param text of tzfile(5), whose last line is what TZ holds (tzset(3)), or that itself; UTC where there is none, as the C library has it
 */
function zoneNames(text: string): [string, string] {
  const rule = text.trimEnd().split('\n').at(-1)!
  const [, standard = 'UTC', summer = standard] =
    /^([A-Za-z]{3,}|<[^>]+>)[-+\d:]+([A-Za-z]{3,}|<[^>]+>)?/.exec(rule) ?? []
  const bare = (name: string) => name.replace(/^<|>$/g, '')
  return [bare(standard), bare(summer)]
}
