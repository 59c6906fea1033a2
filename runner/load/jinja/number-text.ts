import { withoutEnd } from '../../../contract/ends.ts'

/** Rounds x · 10^places to a whole number, halves to even: what Python's formats do with a float's exact value. */
export function scaled(x: number, places: number): bigint {
  const [mantissa, exponent] = parts(Math.abs(x))
  let above = mantissa
  let below = 1n
  if (exponent >= 0) above <<= BigInt(exponent)
  else below <<= BigInt(-exponent)
  if (places >= 0) above *= 10n ** BigInt(places)
  else below *= 10n ** BigInt(-places)
  const whole = above / below
  const twice = (above - whole * below) * 2n
  return twice > below || (twice === below && whole % 2n === 1n) ? whole + 1n : whole
}

/** x as mantissa · 2^exponent, exactly. */
function parts(x: number): [bigint, number] {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const all = view.getBigUint64(0)
  const exponent = Number((all >> 52n) & 0x7ffn)
  const fraction = all & 0xfffffffffffffn
  return exponent === 0 ? [fraction, -1074] : [fraction | (1n << 52n), exponent - 1075]
}

/** `%.2f` of a float that is not negative. */
export function fixed(x: number, places: number): string {
  const digits = String(scaled(x, places)).padStart(places + 1, '0')
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** `%.2e`. */
export function exponential(x: number, places: number): string {
  if (x === 0) return `${(0).toFixed(places)}e+00`
  let power = Number(x.toExponential().split('e')[1])
  let digits = String(scaled(x, places - power))
  if (digits.length > places + 1) {
    power++
    digits = String(scaled(x, places - power))
  }
  const sign = power < 0 ? '-' : '+'
  const mantissa = places === 0 ? digits : `${digits[0]}.${digits.slice(1)}`
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, '0')}`
}

/** `%.6g`. @param keepZeros `#` */
export function general(x: number, places: number, keepZeros = false): string {
  const digits = Math.max(1, places)
  const written = exponential(x, digits - 1)
  const power = x === 0 ? 0 : Number(written.split('e')[1])
  const isShort = power >= -4 && power < digits
  const text = isShort ? fixed(x, Math.max(0, digits - 1 - power)) : written
  if (keepZeros) return text
  const [mantissa, exponent] = text.split('e') as [string, string | undefined]
  const short = mantissa.includes('.') ? withoutEnd(mantissa, /0/).replace(/\.$/, '') : mantissa
  return exponent === undefined ? short : `${short}e${exponent}`
}
