import { isDict, isInt, isList, str } from '../../jinja/value.ts'
import { requireInt } from '../define.ts'
import type { FunctionCall } from '../function.ts'
import { networkText, readGiven } from './given.ts'
import {
  addressText,
  broadcastOf,
  firstOf,
  fits,
  isWithin,
  type Network,
  sizeOf,
  usableOf,
  widthOf,
} from './network.ts'
import { stepped } from './queries.ts'

/** What stands in a template as an address or network; undefined for what is neither. */
const asHost = (value: unknown): Network | undefined =>
  isInt(value) || (typeof value === 'string' && value !== '') ? readGiven(value, undefined)?.of : undefined

/** The same, but of a network the first address. */
function asNetwork(value: unknown): Network | undefined {
  const of = asHost(value)
  return of && { ...of, address: firstOf(of) }
}

type Range = [first: bigint, last: bigint]

/** As Ansible counts: what is none is 0, and a network without a broadcast address ends where it begins. */
const rangeOf = (of: Network | undefined): Range =>
  of === undefined
    ? [0n, 0n]
    : [firstOf(of), sizeOf(of) > 2n ? (broadcastOf(of) ?? firstOf(of)) : firstOf(of)]

const usableRange = (of: Network | undefined): Range =>
  of === undefined ? [0n, 0n] : (usableOf(of) ?? [of.address, of.address])

const holds = ([first, last]: Range, [from, to]: Range): boolean =>
  first <= from && from <= last && first <= to && to <= last

export const inNetwork = (outer: unknown, inner: unknown): boolean =>
  holds(rangeOf(asNetwork(outer)), rangeOf(asNetwork(inner)))

export const inUsable = (outer: unknown, inner: unknown): boolean =>
  holds(usableRange(asNetwork(outer)), rangeOf(asNetwork(inner)))

export function reduced(value: unknown, network: unknown, call: FunctionCall): string[] {
  if (value === null || isDict(value)) call.fail('a list of addresses is needed')
  const outer = rangeOf(asNetwork(network))
  const list = isList(value) ? value.map((one) => (one === null ? '' : str(one))) : str(value).split(',')
  return list.filter((one) => holds(outer, rangeOf(asNetwork(one))))
}

/** @returns false where there is no such host */
export function nthHost(value: unknown, query: unknown, call: FunctionCall): unknown {
  const of = asHost(value)
  const text = query === null ? '' : str(query)
  if (!of || !/^[+-]?\d+$/.test(text)) return false
  const size = sizeOf(of)
  const index = BigInt(text)
  if (index >= size) return false
  const at = index < 0n ? size + index : index
  return at < 0n ? call.fail(`there is no host ${text}`) : addressText(firstOf(of) + at, of.version)
}

export function nthUsable(value: unknown, offset: unknown, sign: 1 | -1, call: FunctionCall): unknown {
  const by = offset === null ? undefined : requireInt(offset, 'offset')
  const of = asHost(value)
  if (!of) return false
  return by === undefined ? call.fail('it needs the argument offset') : stepped(of, BigInt(by * sign))
}

export function added(value: unknown, amount: unknown, call: FunctionCall): string {
  const of = typeof value === 'string' ? readGiven(value, undefined)?.of : undefined
  if (!of) return call.fail('an address is needed')
  const sum = of.address + BigInt(requireInt(amount, 'amount'))
  return fits(sum, of.version) ? addressText(sum, of.version) : call.fail('there is no such address')
}

/** A part of a network, how many there are, or which one it is. */
export function ipsubnet(value: unknown, query: unknown, index: unknown, call: FunctionCall): unknown {
  const found = asHost(value)
  if (!found) return false
  const of = { ...found, address: firstOf(found) }
  const text = query === null ? '' : str(query)
  if (text === '') return networkText(of)
  if (!/^\d+$/.test(text)) return rank(of, text, call)
  const prefix = Number(text)
  const width = widthOf(of.version)
  if (prefix > width) return false
  const place = index === null ? undefined : requireInt(index, 'index')
  if (sizeOf(of) === 1n) return aroundOf(of, prefix, place, call)
  if (place === undefined && prefix < of.prefix)
    call.fail(`a network of /${of.prefix} has no part of /${prefix}`)
  if (prefix < of.prefix) return place === 0 ? networkText({ ...of, prefix }) : false
  const count = 1n << BigInt(prefix - of.prefix)
  if (place === undefined) return String(count)
  const at = place < 0 ? count + BigInt(place) : BigInt(place)
  if (at < 0n || at >= count) return false
  return networkText({ ...of, prefix, address: of.address + (at << BigInt(width - prefix)) })
}

/** One of the networks that hold an address, the largest first. */
function aroundOf(of: Network, prefix: number, place: number | undefined, call: FunctionCall): unknown {
  const width = widthOf(of.version)
  const count = width - prefix
  const index = place ?? 0
  if (place !== undefined && (index > width + 1 - index || index < prefix - width)) return false
  const at = index < 0 ? count + index : index
  if (at < 0 || at >= count) return call.fail(`there is no network ${index} of /${prefix} around this`)
  const wider = { ...of, prefix: prefix + at }
  return networkText({ ...wider, address: firstOf(wider) })
}

function rank(of: Network, text: string, call: FunctionCall): string {
  const outer = asHost(text)
  if (!outer) return call.fail(`'${text}' is no network, address or length of a prefix`)
  if (!isWithin({ ...of, prefix: Math.max(of.prefix, outer.prefix) }, outer))
    return call.fail(`this is not in ${text}`)
  const shift = BigInt(widthOf(of.version) - of.prefix)
  return String(((of.address - firstOf(outer)) >> shift) + 1n)
}
