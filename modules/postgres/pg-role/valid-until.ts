/**
 * A time with its zone as ISO 8601 has it, also in the spelling in which PostgreSQL prints it (`2030-01-01 02:00:00+02`).
 * @returns the same moment as `2030-01-01T00:00:00.000Z`; null where it is none
 */
export function momentOf(text: string): string | null {
  const [, day, time, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d{1,6})?\s?(Z|[+-]\d\d(?::?\d\d)?)$/i.exec(text.trim()) ??
    []
  if (day === undefined || zone === undefined) return null
  const full = time!.length === 5 ? `${time}:00` : time
  const offset = /^z$/i.test(zone)
    ? 'Z'
    : zone.length === 3
      ? `${zone}:00`
      : zone.replace(/^(...):?(..)$/, '$1:$2')
  const moment = new Date(`${day}T${full}${fraction.slice(0, 4)}${offset}`)
  // 31 February would be a day of March.
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day)
  return !isDay || Number.isNaN(moment.getTime()) ? null : moment.toISOString()
}
