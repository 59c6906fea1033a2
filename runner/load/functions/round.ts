import { scaled } from '../jinja/number-text.ts'
import { float, isInt, numeric, ValueFault } from '../jinja/value.ts'
import type { FunctionCall } from './function.ts'

/** Jinja's round: always a float where there are digits to round to, halves to even. */
export function round(value: unknown, precision: number, method: unknown, call: FunctionCall): unknown {
  if (method !== 'common' && method !== 'ceil' && method !== 'floor')
    call.fail("method is 'common', 'ceil' or 'floor'")
  const number = numeric(value)
  if (number === undefined) throw new ValueFault('this is no number')
  if (Math.abs(precision) > 400) call.fail('precision is out of range')
  if (method !== 'common') {
    const scale = 10 ** precision
    const whole = method === 'ceil' ? Math.ceil(Number(number) * scale) : Math.floor(Number(number) * scale)
    // A whole number of Python's has no sign at zero.
    return float(whole / scale || 0)
  }
  if (isInt(value) || typeof value === 'boolean')
    return precision >= 0 ? number : wholeTo(BigInt(number), -precision)
  const x = Number(number)
  if (!Number.isFinite(x) || precision > 308) return float(x)
  const digits = scaled(x, precision)
  const magnitude = Number(`${digits}e${-precision}`)
  return float(x < 0 || Object.is(x, -0) ? -magnitude : magnitude)
}

/** A whole number to tens, hundreds …, halves to even. */
function wholeTo(value: bigint, places: number): number | bigint {
  const unit = 10n ** BigInt(places)
  const magnitude = value < 0n ? -value : value
  const [quotient, rest] = [magnitude / unit, magnitude % unit]
  const isUp = rest * 2n > unit || (rest * 2n === unit && quotient % 2n === 1n)
  const made = (quotient + (isUp ? 1n : 0n)) * unit
  const signed = value < 0n ? -made : made
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
}
