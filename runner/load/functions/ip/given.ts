import { isInt, str } from '../../jinja/value.ts'
import { addressText, fits, type Network, parseNetwork, type Version, widthOf } from './network.ts'

/** What a filter was given, as an address or a network. */
export interface Given {
  of: Network
  /** Whether it was written with a prefix. */
  isNetwork: boolean
  /** As it is given back. */
  text: unknown
}

export const networkText = ({ address, version, prefix }: Network): string =>
  `${addressText(address, version)}/${prefix}`

/** @returns undefined for what is none */
export function readGiven(value: unknown, version: Version | undefined): Given | undefined {
  const digits = isInt(value) || typeof value === 'string' ? str(value) : ''
  if (/^\d+$/.test(digits)) {
    const of = numbered(BigInt(digits), version)
    return of && { of, isNetwork: false, text: networkText(of) }
  }
  if (typeof value !== 'string') return undefined
  const isNetwork = value.split('/').length === 2
  const of = parseNetwork(value)
  if (of) return { of, isNetwork, text: value }
  const [, number, prefix] = /^(\d+)\/(\d{1,3})$/.exec(value) ?? []
  if (number === undefined) return undefined
  for (const one of [4, 6] as const)
    if (fits(BigInt(number), one) && Number(prefix) <= widthOf(one)) {
      const made = { version: one, address: BigInt(number), prefix: Number(prefix) }
      return { of: made, isNetwork: true, text: networkText(made) }
    }
  return undefined
}

/** A number is one of IPv4 where that can be. */
function numbered(address: bigint, version: Version | undefined): Network | undefined {
  const found = version !== 6 && fits(address, 4) ? 4 : fits(address, 6) ? 6 : undefined
  return found && { version: found, address, prefix: widthOf(found) }
}
