import { isIPv4, isIPv6 } from 'node:net'

/** 4 or 6, or 0 for what is no address of IP. Node's expression for IPv6 takes 3.5 ms to be made: no name needs it. */
export const ipVersion = (text: string): 0 | 4 | 6 =>
  isIPv4(text) ? 4 : text.includes(':') && isIPv6(text) ? 6 : 0

/** One spelling of an address without its zone, in which two are equal where they are the same; null for what is a name. */
export function canonicalAddress(text: string): string | null {
  const version = ipVersion(text)
  if (version !== 6) return version === 4 ? text : null
  const [head = '', tail] = text.toLowerCase().replace(/%.*/s, '').split('::')
  const [first, rest] = [groups(head), tail === undefined ? [] : groups(tail)]
  const middle = Array<string>(8 - first.length - rest.length).fill('0000')
  return [...first, ...middle, ...rest].join('')
}

const groups = (text: string): string[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (!group.includes('.')) return [group.padStart(4, '0')]
        const hex = group.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
        return [`${hex[0]}${hex[1]}`, `${hex[2]}${hex[3]}`]
      })
