/** What a size is, for errors. */
export const SIZE = 'a size from 1K to 256M'

/** Bytes, or K or M of 1024. What is kept becomes one text, and Node has none longer than half a GiB. */
export function bytesOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,10})([KM]?)$/i.exec(text) ?? []
  const bytes = Number(digits) * 1024 ** ['', 'K', 'M'].indexOf(unit.toUpperCase())
  return bytes >= 1024 && bytes <= 256 * 1024 ** 2 ? bytes : undefined
}
