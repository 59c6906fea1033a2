import { createHash, randomInt } from 'node:crypto'
import { isFloat, isInt, iterate, numeric, truthy, Undefined, ValueFault } from '../jinja/value.ts'
import { filter, requireInt, requireItems } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

/** Whole numbers from 0 up to but without a bound. */
type Below = (bound: number) => number

/** Python's random with a seed: the Mersenne Twister (MT19937), so that the same seed gives the same numbers. */
function seeded(seed: unknown): Below {
  const state = new Uint32Array(624)
  fill(state, keyOf(seed))
  let at = 624
  const next = (): number => {
    if (at === 624) {
      twist(state)
      at = 0
    }
    let y = state[at++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
  return (bound) => {
    const bits = bound.toString(2).length
    for (;;) {
      const low = bits <= 32 ? 0 : next()
      const number = bits <= 32 ? next() >>> (32 - bits) : (next() >>> (64 - bits)) * 2 ** 32 + low
      if (number < bound) return number
    }
  }
}

/** What a seed is as words of 32 bits, the least first. */
function keyOf(seed: unknown): number[] {
  let number: bigint
  if (typeof seed === 'string') {
    const bytes = Buffer.from(seed)
    number = BigInt(
      `0x${Buffer.concat([bytes, createHash('sha512').update(bytes).digest()]).toString('hex')}`,
    )
  } else if (isInt(seed) || typeof seed === 'boolean') number = BigInt(seed)
  else if (isFloat(seed) && Number.isFinite(Number(numeric(seed)))) number = hashOf(Number(numeric(seed)))
  else throw new ValueFault('a seed is a text or a number')
  if (number < 0n) number = -number
  const words: number[] = []
  for (; number > 0n; number >>= 32n) words.push(Number(number & 0xffffffffn))
  return words.length > 0 ? words : [0]
}

/** Python's hash of a float: its fraction modulo a prime, 2 ** 61 - 1 (Python, Hashing of numeric types). */
function hashOf(value: number): bigint {
  let above = Math.abs(value)
  let halvings = 0
  for (; !Number.isInteger(above); halvings++) above *= 2
  return (BigInt(above) << BigInt((61 - (halvings % 61)) % 61)) % (2n ** 61n - 1n)
}

function fill(state: Uint32Array, key: readonly number[]): void {
  state[0] = 19650218
  const mixed = (i: number, by: number): number => Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), by)
  for (let i = 1; i < 624; i++) state[i] = mixed(i, 1812433253) + i
  let i = 1
  const advance = (): void => {
    if (++i < 624) return
    state[0] = state[623]!
    i = 1
  }
  for (let k = 0, j = 0; k < Math.max(624, key.length); k++, j = (j + 1) % key.length) {
    state[i] = (state[i]! ^ mixed(i, 1664525)) + key[j]! + j
    advance()
  }
  for (let k = 0; k < 623; k++) {
    state[i] = (state[i]! ^ mixed(i, 1566083941)) - i
    advance()
  }
  state[0] = 0x80000000
}

function twist(state: Uint32Array): void {
  for (let k = 0; k < 624; k++) {
    const y = (state[k]! & 0x80000000) | (state[(k + 1) % 624]! & 0x7fffffff)
    state[k] = state[(k + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
  }
}

function random([end, start, step, seed]: readonly unknown[], call: FunctionCall): unknown {
  const below: Below = seed === null ? randomInt : seeded(seed)
  if (isInt(end) || typeof end === 'boolean') {
    const from = start === null || !truthy(start) ? 0 : requireInt(start, 'start')
    const by = step === null || !truthy(step) ? 1 : requireInt(step, 'step')
    const count = Math.ceil((requireInt(end, 'the end') - from) / by)
    if (count <= 0) call.fail('there is no number to choose')
    return from + by * below(count)
  }
  if (iterate(end) === undefined) return call.fail('a list or an int is needed')
  if ((start !== null && truthy(start)) || (step !== null && truthy(step)))
    call.fail('start and step are for ints')
  if (typeof end === 'object' && !Array.isArray(end)) call.fail('a list or an int is needed')
  const items = requireItems(end)
  return items.length === 0 ? new Undefined('the list is empty') : items[below(items.length)]
}

function shuffle([value, seed]: readonly unknown[], call: FunctionCall): unknown {
  if (iterate(value) === undefined) return value
  const items = requireItems(value)
  call.spend(items.length * 4)
  const below: Below = seed !== null && truthy(seed) ? seeded(seed) : randomInt
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1)
    ;[items[i], items[j]] = [items[j], items[i]]
  }
  return items
}

export const RANDOMS: readonly LibraryFunction[] = [
  filter(
    'random(start=None, step=None, seed=None)',
    '60 | random(seed=inventory_hostname)',
    'a number below, or an element of a list, by chance; with a seed always the same',
    random,
  ),
  filter(
    'shuffle(seed=None)',
    "hosts | shuffle(seed='x')",
    'a list in an order of chance; with a seed always the same',
    shuffle,
  ),
]
