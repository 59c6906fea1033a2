import { isIPv4, isIPv6 } from 'node:net'

/** Addresses of a machine's own interfaces, as its kernel routes them: /proc/net/fib_trie and /proc/net/if_inet6. */
export function localAddresses(fibTrie: string, ifInet6: string): string[] {
  const found = new Set<string>()
  let last = ''
  for (const line of fibTrie.split('\n')) {
    last = /\|-- (\S+)/.exec(line)?.[1] ?? last
    if (/\/32 host LOCAL/.test(line)) found.add(last)
  }
  for (const line of ifInet6.split('\n')) {
    const [digits = ''] = line.split(' ')
    if (/^[0-9a-f]{32}$/.test(digits)) found.add(digits)
  }
  return [...found].filter((address) => !isLoopback(address)).sort()
}

/** One spelling of an address, in which two are equal where they are the same; null for what is a name. */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text
  if (!isIPv6(text)) return null
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

/** Every machine has these, and those that are good on one link alone. */
export const isLoopback = (address: string): boolean =>
  /^127\./.test(address) || address === '0'.repeat(31).concat('1') || /^fe[89ab]/.test(address)
