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

/** Every machine has these, and those that are good on one link alone. */
export const isLoopback = (address: string): boolean =>
  /^127\./.test(address) || address === '0'.repeat(31).concat('1') || /^fe[89ab]/.test(address)
