import { isIPv4, isIPv6 } from 'node:net'

/** 4 or 6, or 0 for what is no address of IP. Node's expression for IPv6 takes 3.5 ms to be made: no name needs it. */
export const ipVersion = (text: string): 0 | 4 | 6 =>
  isIPv4(text) ? 4 : text.includes(':') && isIPv6(text) ? 6 : 0
