import { isIPv4, isIPv6 } from 'node:net'

/** 4 or 6, or 0 for what is no address of IP. Node's expression for IPv6 takes 3.5 ms to be made: no name needs it. */
export const ipVersion = (text: string): 0 | 4 | 6 =>
  isIPv4(text) ? 4 : text.includes(':') && isIPv6(text) ? 6 : 0

/**
 * An address in one spelling: that of IPv6 has several, and names the same one in each (RFC 4291, 2.2; RFC 5952). What is no
 * address stays as it is.
 */
export function sameSpelling(address: string): string {
  if (ipVersion(address) !== 6) return address
  const [bare = '', zone] = address.split('%')
  const plain = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  return zone === undefined ? plain : `${plain}%${zone}`
}
