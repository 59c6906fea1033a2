import { fits, isHostmask, isNetmask, isWithin, type Network, parseNetwork } from './network.ts'

/** Parsed when they are first asked for: few playbooks ask. */
function networks(...texts: string[]): () => readonly Network[] {
  let parsed: Network[] | undefined
  return () => {
    parsed ??= texts.map((text) => parseNetwork(text)!)
    return parsed
  }
}

/** What is not reachable from everywhere (IANA, IPv4 and IPv6 Special-Purpose Address Registries). */
const SPECIAL = networks(
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  '240.0.0.0/4',
  ...['::/128', '::1/128', '::ffff:0:0/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
  ...['2002::/16', 'fc00::/7', 'fe80::/10'],
)
/** The exceptions to that. */
const GLOBAL = networks(
  ...['192.0.0.9/32', '192.0.0.10/32', '2001:1::1/128', '2001:1::2/128', '2001:3::/32'],
  ...['2001:4:112::/48', '2001:20::/28', '2001:30::/28'],
)
const LOOPBACK = networks('127.0.0.0/8', '::1/128')
const MULTICAST = networks('224.0.0.0/4', 'ff00::/8')
const LINK_LOCAL = networks('169.254.0.0/16', 'fe80::/10')

const within = (kinds: () => readonly Network[]) => (of: Network) =>
  kinds().some((kind) => isWithin(of, kind))

const alone = (of: Network): Network => ({ ...of, prefix: of.version === 4 ? 32 : 128 })

export const isMulticast = within(MULTICAST)
export const isLoopback = (of: Network): boolean => within(LOOPBACK)(alone(of))
export const isLinkLocal = (of: Network): boolean => within(LINK_LOCAL)(alone(of))
export const isGlobal = (of: Network): boolean => !within(SPECIAL)(alone(of)) || within(GLOBAL)(alone(of))

/** Global, and the address of one host. */
export const isPublic = (of: Network): boolean =>
  !isMulticast(alone(of)) &&
  isGlobal(of) &&
  !isLoopback(of) &&
  !isNetmask(of.address, of.version) &&
  !isHostmask(of.address)

/** An address of IPv6 that stands for one of IPv4. */
export function asIPv4({ version, address, prefix }: Network): Network | undefined {
  if (version === 4) return { version, address, prefix }
  const own = address >> 32n === 0xffffn ? address & 0xffffffffn : address
  return fits(own, 4) && prefix >= 96 ? { version: 4, address: own, prefix: prefix - 96 } : undefined
}

export const asIPv6 = ({ version, address, prefix }: Network): Network =>
  version === 6
    ? { version, address, prefix }
    : { version: 6, address: address | (0xffffn << 32n), prefix: prefix + 96 }
