/** Whom a host rule lets in: a network, a keyword, or a host name. */
export type Address =
  | { kind: 'network'; family: 4 | 6; bits: bigint; mask: bigint }
  | { kind: 'keyword'; word: 'all' | 'samehost' | 'samenet' }
  | { kind: 'name'; name: string }

export class BadAddress extends Error {}

/**
 * Reads an address as the server does. Bits of the host part are allowed there and mean nothing, so they are
 * dropped. @throws {BadAddress}
 */
export function readAddress(text: string, quoted: boolean, mask?: string): Address {
  if (!quoted && (text === 'all' || text === 'samehost' || text === 'samenet'))
    return { kind: 'keyword', word: text }
  const slash = text.lastIndexOf('/')
  const host = slash < 0 ? text : text.slice(0, slash)
  const ip = readIp(host)
  if (!ip) {
    if (slash >= 0) throw new BadAddress(`"${text}" is neither an address with a mask nor a host name`)
    if (/^[\d.]+$/.test(text) || text.includes(':')) throw new BadAddress(`"${text}" is no IP address`)
    if (!/^\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(text))
      throw new BadAddress(`"${text}" is no host name`)
    return { kind: 'name', name: text.toLowerCase() }
  }
  const width = ip.family === 4 ? 32 : 128
  const bits =
    slash >= 0 ? maskOfLength(text.slice(slash + 1), width, text) : maskOfColumn(text, mask, ip.family)
  return { kind: 'network', family: ip.family, bits: ip.bits & bits, mask: bits }
}

/** `outer` lets in everyone that `inner` does. False where only a name server could tell. */
export function covers(outer: Address, inner: Address): boolean {
  if (outer.kind === 'keyword' && outer.word === 'all') return true
  if (outer.kind === 'network' && inner.kind === 'network')
    return (
      outer.family === inner.family &&
      (inner.mask & outer.mask) === outer.mask &&
      (inner.bits & outer.mask) === outer.bits
    )
  return addressKey(outer) === addressKey(inner)
}

export function addressKey(address: Address): string {
  if (address.kind === 'keyword') return address.word
  if (address.kind === 'name') return `name ${address.name}`
  return `${address.family} ${address.bits.toString(16)}/${address.mask.toString(16)}`
}

function maskOfLength(length: string, width: number, text: string): bigint {
  if (!/^\d+$/.test(length) || Number(length) > width)
    throw new BadAddress(`"${text}" needs a mask length between 0 and ${width}`)
  const all = (1n << BigInt(width)) - 1n
  return all ^ (all >> BigInt(Number(length)))
}

function maskOfColumn(text: string, mask: string | undefined, family: 4 | 6): bigint {
  if (mask === undefined)
    throw new BadAddress(
      `"${text}" has no mask: write ${text}/${family === 4 ? 32 : 128} for this address alone`,
    )
  const found = readIp(mask)
  if (found?.family !== family) throw new BadAddress(`"${mask}" is no mask for "${text}"`)
  return found.bits
}

export function readIp(text: string): { family: 4 | 6; bits: bigint } | null {
  const four = readIpv4(text)
  if (four !== null) return { family: 4, bits: four }
  const six = readIpv6(text.replace(/%.*/s, ''))
  return six === null ? null : { family: 6, bits: six }
}

function readIpv4(text: string): bigint | null {
  const parts = text.split('.')
  // A leading zero would be read as octal by some: it is better refused than guessed.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return null
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n)
}

function readIpv6(text: string): bigint | null {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (tail) {
    const four = readIpv4(tail[2]!)
    if (four === null) return null
    return readIpv6(`${tail[1]}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`)
  }
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return null
  const [head, end] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const given = head!.length + (end?.length ?? 0)
  if (end === undefined ? given !== 8 : given > 7) return null
  const groups = [...head!, ...Array(8 - given).fill('0'), ...(end ?? [])]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n)
}
