import { ESCAPES } from '../inventory/python-literal.ts'
import { Fault } from '../template/fault.ts'
import { float, int } from './value.ts'

const ESCAPE =
  /\\(?:\r\n|(?<octal>[0-7]{1,3})|x(?<x>[0-9a-fA-F]{2})|u(?<u>[0-9a-fA-F]{4})|U(?<U>[0-9a-fA-F]{8})|(?<bad>[xuUN])|(?<one>[\s\S]))/g

/** A backslash at the end of a line takes the line's end away. */
const ONE: Readonly<Record<string, string>> = { ...ESCAPES, '\n': '' }

/** The value of what stands between quotes, by Python's rules. @param start of `inner` in the template */
export function unescaped(inner: string, start: number): string {
  if (!inner.includes('\\')) return inner
  return inner.replace(ESCAPE, (...match) => {
    const [whole] = match as [string]
    const at = match.at(-3) as number
    const { octal, x, u, U, bad, one } = match.at(-1) as Record<string, string | undefined>
    const code = octal ? Number.parseInt(octal, 8) : Number.parseInt(x ?? u ?? U ?? '0', 16)
    if (bad !== undefined || code > 0x10ffff)
      throw new Fault(
        `\\${bad ?? 'U'} begins an escape that is not complete`,
        start + at,
        2,
        String.raw`write \x41, \u0041 or \U00000041, or \\ for a backslash`,
      )
    if (one !== undefined) return ONE[one] ?? whole
    return String.fromCodePoint(code)
  })
}

/** `1_000`, `0x1f`, `0o17`, `0b1`. */
export function integer(text: string): number | bigint {
  const digits = text.replaceAll('_', '').toLowerCase()
  return int(digits.length < 15 ? Number(digits) : BigInt(digits))
}

export const decimal = (text: string): unknown => float(Number(text.replaceAll('_', '')))
