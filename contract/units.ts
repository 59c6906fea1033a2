const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes as PostgreSQL writes them (pg_size_pretty): `16 MB`, a kB being 1024 bytes; one digit after the point below 10. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${rounded(value)} ${UNITS[unit]}`
}

/** Seconds in their largest unit: `0.4 s`, `12 s`, `3 min`, `5 h`, `2 d`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${rounded(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

const rounded = (value: number): string =>
  value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)
