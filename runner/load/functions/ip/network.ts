import { isIPv4, isIPv6, SocketAddress } from 'node:net'

export type Version = 4 | 6

/** An address with the length of its network's prefix. */
export interface Network {
  version: Version
  address: bigint
  prefix: number
}

export const widthOf = (version: Version): number => (version === 4 ? 32 : 128)

const allOf = (version: Version): bigint => (1n << BigInt(widthOf(version))) - 1n

/** `10.0.0.1`, `10.0.0.1/8`, `10.0.0.1/255.0.0.0`, `::1/64`. undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', mask, ...more] = text.split('/')
  const version = isIPv4(address) ? 4 : isIPv6(address) ? 6 : undefined
  if (version === undefined || more.length > 0 || address.includes('%')) return undefined
  const prefix = mask === undefined ? widthOf(version) : prefixOf(mask, version)
  return prefix === undefined ? undefined : { version, address: numberOf(address, version), prefix }
}

/** Digits, or a netmask or hostmask. */
function prefixOf(mask: string, version: Version): number | undefined {
  const width = widthOf(version)
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= width ? Number(mask) : undefined
  if (version === 4 ? !isIPv4(mask) : !isIPv6(mask)) return undefined
  const bits = numberOf(mask, version)
  if (isHostmask(bits)) return width - bits.toString(2).replace(/^0$/, '').length
  return isNetmask(bits, version) ? bits.toString(2).lastIndexOf('1') + 1 : undefined
}

/** Ones, then zeros. */
export const isNetmask = (bits: bigint, version: Version): boolean => isHostmask(bits ^ allOf(version))

/** Zeros, then ones. */
export const isHostmask = (bits: bigint): boolean => (bits & (bits + 1n)) === 0n

/** @param text an address that is one */
export function numberOf(text: string, version: Version): bigint {
  if (version === 4) return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const last = dotted ? numberOf(dotted[2]!, 4) : 0n
  const plain = dotted ? `${dotted[1]}${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}` : text
  const [head = '', tail] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const before = groups(head)
  const behind = tail === undefined ? [] : groups(tail)
  const zeros = Array<string>(8 - before.length - behind.length).fill('0')
  return [...before, ...zeros, ...behind].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

/** An address in its shortest form. */
export function addressText(address: bigint, version: Version): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.')
  const groups = address.toString(16).padStart(32, '0').match(/.{4}/g)!
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

export const hostmaskOf = ({ version, prefix }: Network): bigint =>
  (1n << BigInt(widthOf(version) - prefix)) - 1n
export const netmaskOf = (of: Network): bigint => allOf(of.version) ^ hostmaskOf(of)
export const firstOf = (of: Network): bigint => of.address & netmaskOf(of)
export const lastOf = (of: Network): bigint => firstOf(of) | hostmaskOf(of)
export const sizeOf = (of: Network): bigint => hostmaskOf(of) + 1n
export const fits = (address: bigint, version: Version): boolean => address >= 0n && address <= allOf(version)

/** A network of IPv4 with one or two addresses has none. */
export const broadcastOf = (of: Network): bigint | undefined =>
  of.version === 4 && of.prefix >= 31 ? undefined : lastOf(of)

/** The first and the last address that a host may have; undefined for an address alone. */
export function usableOf(of: Network): [first: bigint, last: bigint] | undefined {
  const size = sizeOf(of)
  if (size === 1n) return undefined
  return size === 2n ? [firstOf(of), lastOf(of)] : [firstOf(of) + 1n, lastOf(of) - 1n]
}

export const isWithin = (inner: Network, outer: Network): boolean =>
  inner.version === outer.version &&
  inner.prefix >= outer.prefix &&
  firstOf({ ...inner, prefix: outer.prefix }) === firstOf(outer)
