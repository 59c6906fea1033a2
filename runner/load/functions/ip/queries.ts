import { int } from '../../jinja/value.ts'
import type { FunctionCall } from '../function.ts'
import { type Given, networkText } from './given.ts'
import { asIPv4, asIPv6, isGlobal, isLinkLocal, isLoopback, isMulticast, isPublic } from './kinds.ts'
import {
  addressText,
  broadcastOf,
  firstOf,
  hostmaskOf,
  isWithin,
  type Network,
  netmaskOf,
  parseNetwork,
  sizeOf,
  usableOf,
} from './network.ts'

/** What `ipaddr` may be asked; null and false where it does not hold (docs of ansible.utils, ipaddr filter). */
type Query = (given: Given, call: FunctionCall) => unknown

const textOf = ({ version }: Network, address: bigint): string => addressText(address, version)
const own = ({ of }: Given): string => textOf(of, of.address)
const isAlone = ({ of }: Given): boolean => sizeOf(of) === 1n
const isFirst = ({ of }: Given): boolean => of.address === firstOf(of)
const netmask = ({ of }: Given): string => textOf(of, netmaskOf(of))
const hostmask = ({ of }: Given): string => textOf(of, hostmaskOf(of))
const network = ({ of }: Given): string => textOf(of, firstOf(of))
const prefixed = ({ of }: Given): string => networkText(of)
const subnet = ({ of }: Given): string => networkText({ ...of, address: firstOf(of) })

/** Queries of networks, which an address is not. */
const ofNetwork =
  (query: Query): Query =>
  (given, call) =>
    given.isNetwork
      ? query(given, call)
      : call.fail('this is an address, and no network', 'write it with its prefix: /24')

/** What was given, where that holds. */
const where =
  (holds: (of: Network) => boolean): Query =>
  ({ of, text }) =>
    holds(of) ? text : null

const address: Query = (given) =>
  isAlone(given) || !isFirst(given) || broadcastOf(given.of) === undefined || given.of.version === 6
    ? own(given)
    : null

const gateway: Query = (given) =>
  sizeOf(given.of) > 2n && (isFirst(given) || given.of.address === broadcastOf(given.of))
    ? false
    : prefixed(given)

const host: Query = (given) =>
  isAlone(given) || !isFirst(given) || broadcastOf(given.of) === undefined ? prefixed(given) : null

/** Of a network that is not written with its first address. */
const ofHost =
  (query: Query): Query =>
  (given, call) =>
    sizeOf(given.of) === 2n || (!isAlone(given) && !isFirst(given)) ? query(given, call) : null

const usable = (which: 0 | 1): Query =>
  ofNetwork(({ of }) => {
    const found = usableOf(of)
    return found ? textOf(of, found[which]) : null
  })

/** A usable address so many further on. */
export function stepped(of: Network, by: bigint): string | null {
  const found = usableOf(of)
  const wanted = of.address + by
  return found && wanted >= found[0] && wanted <= found[1] ? textOf(of, wanted) : null
}

const peer: Query = ({ of }, call) => {
  const size = sizeOf(of)
  if (size === 2n) return textOf(of, of.address ^ 1n)
  if (size !== 4n) return call.fail('this is no network of two hosts', 'a peer has a /30 or a /31')
  const place = of.address % 4n
  if (place === 0n || place === 3n) return call.fail('the first and the last address of a /30 have no peer')
  return textOf(of, of.address ^ 3n)
}

function reverseName({ version, address: number }: Network): string {
  if (version === 4) return `${addressText(number, 4).split('.').reverse().join('.')}.in-addr.arpa.`
  return `${[...number.toString(16).padStart(32, '0')].reverse().join('.')}.ip6.arpa.`
}

const sixToFour: Query = (given) => {
  const { of, text, isNetwork } = given
  const kind = parseNetwork('2002::/16')!
  if (of.version === 6)
    return isWithin({ ...of, prefix: 128 }, kind) && (!isNetwork || !isFirst(given)) ? text : false
  if (!isAlone(given) && isFirst(given)) return false
  const hex = of.address.toString(16).padStart(8, '0')
  return `2002:${hex.slice(0, 4)}:${hex.slice(4)}::1/48`
}

export const QUERIES: Readonly<Record<string, Query>> = {
  '': (given) => (given.isNetwork ? prefixed(given) : own(given)),
  '6to4': sixToFour,
  address,
  'address/prefix': gateway,
  bool: () => true,
  broadcast: ({ of }) => {
    const found = sizeOf(of) > 2n ? broadcastOf(of) : undefined
    return found === undefined ? null : textOf(of, found)
  },
  cidr: prefixed,
  first_usable: ofNetwork(({ of }) => {
    const size = sizeOf(of)
    return size === 1n ? null : textOf(of, size === 2n ? firstOf(of) : firstOf(of) + 1n)
  }),
  gateway,
  gw: gateway,
  host,
  'host/prefix': gateway,
  hostmask,
  hostnet: gateway,
  int: ({ of, isNetwork }) => (isNetwork ? `${of.address}/${of.prefix}` : int(of.address)),
  ip: address,
  'ip/prefix': ofHost(prefixed),
  ip_netmask: ofHost((given) => `${own(given)} ${netmask(given)}`),
  ipv4: ({ of, text }) => {
    if (of.version === 4) return text
    const found = asIPv4(of)
    return found ? networkText(found) : false
  },
  ipv6: ({ of, text }) => (of.version === 6 ? text : networkText(asIPv6(of))),
  last_usable: usable(1),
  'link-local': where(isLinkLocal),
  lo: where(isLoopback),
  loopback: where(isLoopback),
  multicast: where(isMulticast),
  net: (given) => (!isAlone(given) && isFirst(given) ? prefixed(given) : null),
  next_usable: ofNetwork(({ of }) => stepped(of, 1n)),
  netmask,
  network,
  network_id: network,
  'network/prefix': subnet,
  network_netmask: (given) => `${network(given)} ${netmask(given)}`,
  network_wildcard: (given) => `${network(given)} ${hostmask(given)}`,
  peer: ofNetwork(peer),
  prefix: ({ of }) => of.prefix,
  previous_usable: ofNetwork(({ of }) => stepped(of, -1n)),
  private: where((of) => !isGlobal(of)),
  public: where(isPublic),
  range_usable: ofNetwork(({ of }) => {
    const found = usableOf(of)
    return found ? `${textOf(of, found[0])}-${textOf(of, found[1])}` : null
  }),
  revdns: ({ of }) => reverseName(of),
  router: gateway,
  size: ({ of }) => int(sizeOf(of)),
  size_usable: ({ of }) => {
    const size = sizeOf(of)
    return int(size === 1n ? 0n : size === 2n ? 2n : size - 2n)
  },
  subnet,
  type: (given) => (isAlone(given) || !isFirst(given) ? 'address' : 'network'),
  unicast: where((of) => !isMulticast(of)),
  v4: (given, call) => QUERIES.ipv4!(given, call),
  v6: (given, call) => QUERIES.ipv6!(given, call),
  version: ({ of }) => of.version,
  wildcard: hostmask,
  wrap: (given) => {
    const { of, text, isNetwork } = given
    return of.version === 4 ? text : isNetwork ? `[${own(given)}]/${of.prefix}` : `[${own(given)}]`
  },
}
