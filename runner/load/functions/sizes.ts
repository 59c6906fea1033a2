import { fixed } from '../jinja/number-text.ts'
import { int, str } from '../jinja/value.ts'
import { filter, isOn, requireNumber, requireText } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

const LETTERS = 'BKMGTPEZY'
const limitOf = (index: number): number => 2 ** (10 * index)
const NAMES = ['', 'kilo', 'mega', 'giga', 'tera', 'peta', 'exa', 'zeta', 'yotta']

function readable([value, bits, unit]: readonly unknown[], call: FunctionCall): string {
  if (typeof value === 'string')
    return call.fail('a number of bytes is needed, but this is text', 'make a number of it: | int')
  const size = requireNumber(value)
  let index = LETTERS.length - 1
  if (unit !== null) index = LETTERS.indexOf(requireText(unit).toUpperCase())
  else while (index > 0 && size < limitOf(index)) index--
  const word = isOn(bits) ? 'bits' : 'Bytes'
  // An unknown unit counts in bytes.
  if (index < 0) index = 0
  const number = size / limitOf(index)
  return `${number < 0 ? '-' : ''}${fixed(Math.abs(number), 2)} ${index === 0 ? word : LETTERS[index]! + word[0]!}`
}

function toBytes([value, fallback, bits]: readonly unknown[], call: FunctionCall): unknown {
  const text = str(value)
  const [, digits, written] = /^((?:[0-9]*\.)?[0-9]+)(?:\s*([A-Za-z]+))?\s*$/.exec(text) ?? []
  if (digits === undefined) return call.fail(`'${text}' is no size`, 'for example 512, 10M, 1.5 GB')
  const unit = written ?? (fallback === null ? undefined : requireText(fallback))
  if (unit === undefined) return int(roundHalfEven(Number(digits)))
  const index = LETTERS.indexOf(unit[0]!.toUpperCase())
  if (index < 0) return call.fail(`'${unit}' is no unit`, `units begin with one of ${LETTERS}`)
  const isBits = isOn(bits)
  const letter = LETTERS[index]!
  const [name, short] = [
    `${NAMES[index]}${isBits ? 'bit' : 'byte'}`,
    index === 0 ? (isBits ? 'b' : 'B') : letter + (isBits ? 'b' : 'B'),
  ]
  if (unit.length > 1 && unit.toLowerCase() !== name && unit !== short)
    return call.fail(`'${unit}' is no unit here`, `expected ${short}, ${letter} or ${name}`)
  return int(roundHalfEven(Number(digits) * limitOf(index)))
}

function roundHalfEven(number: number): number {
  const below = Math.floor(number)
  const rest = number - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

export const SIZES: readonly LibraryFunction[] = [
  filter(
    'human_readable(isbits=False, unit=None)',
    '1048576 | human_readable',
    'a number of bytes for people: 1.00 MB',
    readable,
  ),
  filter(
    'human_to_bytes(default_unit=None, isbits=False)',
    "'1G' | human_to_bytes",
    'the number of bytes that a size means',
    toBytes,
  ),
  filter(
    'filesizeformat(binary=False)',
    '1000000 | filesizeformat',
    'a number of bytes for people, by thousands: 1.0 MB',
    ([value, binary], call) => {
      const size = Number(typeof value === 'string' ? value.trim() || 'x' : requireNumber(value))
      if (Number.isNaN(size)) call.fail('this is no number')
      const base = isOn(binary) ? 1024 : 1000
      if (size === 1) return '1 Byte'
      if (size < base) return `${size < 0 ? '-' : ''}${Math.trunc(Math.abs(size))} Bytes`
      let index = 1
      while (index < 8 && size >= base ** (index + 1)) index++
      return `${fixed((base * size) / base ** (index + 1), 1)} ${'kMGTPEZY'[index - 1]!.toUpperCase().replace('K', base === 1000 ? 'k' : 'K')}${base === 1024 ? 'iB' : 'B'}`
    },
  ),
]
