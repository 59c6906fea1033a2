import type { Vars } from '../../load/types.ts'
import type { Found } from './found.ts'
import { ADDRESS, LINK, type Message, messagesOf, type Reader, ROUTE } from './netlink.ts'

/** linux/if_arp.h */
const TYPES = new Map([
  [1, 'ether'],
  [32, 'infiniband'],
  [512, 'ppp'],
  [772, 'loopback'],
  [65534, 'tunnel'],
])
const KINDS = new Map([
  ['bridge', 'bridge'],
  ['bond', 'bonding'],
])
/** rt_scope_t */
const SCOPES = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
])
const INET = 2
const DOWN = 2
const SECONDARY = 1

interface Address {
  device: number
  label: string
  isSecondary: boolean
  family: number
  facts: Vars & { address: string }
}

/** Interfaces, addresses, and how the world is reached, under Ansible's names. */
export function networkFacts(found: Found, machine: string): Vars {
  const isBig = machine === 's390x'
  const read = (name: string, type: number) =>
    messagesOf(found.bytes(name), isBig).filter((message) => message.type === type)
  const links = new Map(read('links', LINK).map((message) => [message.head.long(4), message]))
  const names = new Map([...links].map(([index, { attributes }]) => [index, attributes.attribute(3)!.text()]))
  const interfaces = new Map([...links].map(([index, link]) => [names.get(index)!, linkFacts(link)]))
  for (const [index, { attributes }] of links) {
    const above = interfaces.get(names.get(attributes.attribute(10)?.long() ?? 0) ?? '')
    if (above?.type === 'bridge')
      above.interfaces = [...((above.interfaces as string[]) ?? []), names.get(index)!]
  }
  const addresses = read('addresses', ADDRESS).map(addressOf)
  for (const one of addresses) {
    const device = interfaces.get(names.get(one.device) ?? '')
    if (!device) continue
    if (one.family !== INET) device.ipv6 = [...((device.ipv6 as Vars[]) ?? []), one.facts]
    else {
      // An address with a label of its own is that of an interface of this name.
      const named = interfaces.get(one.label) ?? {}
      interfaces.set(one.label, named)
      if (!one.isSecondary && named.ipv4 === undefined) named.ipv4 = one.facts
      else named.ipv4_secondaries = [...((named.ipv4_secondaries as Vars[]) ?? []), one.facts]
    }
  }
  const known = { links, names, addresses, interfaces }
  const route4 = defaultFacts(read('route4', ROUTE)[0], known)
  const of = (isWanted: (one: Address) => boolean) =>
    addresses.filter(isWanted).map(({ facts }) => facts.address)
  const ipv4 = of(({ family, facts }) => family === INET && !facts.address.startsWith('127.'))
  const first = ipv4.filter((address) => address === route4.address)
  return {
    // What Ansible makes of names that a variable cannot have.
    interfaces: [...interfaces.keys()].map((name) => name.replaceAll(':', '_')),
    ...Object.fromEntries([...interfaces].map(([name, facts]) => [name.replaceAll(/[-:]/g, '_'), facts])),
    default_ipv4: route4,
    default_ipv6: defaultFacts(read('route6', ROUTE)[0], known),
    // The one that the world sees stands first.
    all_ipv4_addresses: [...first, ...ipv4.filter((address) => !first.includes(address))],
    all_ipv6_addresses: of(({ family, facts }) => family !== INET && facts.address !== '::1'),
  }
}

function linkFacts({ head, attributes }: Message): Vars {
  const type = head.short(2)
  const mac = [...(attributes.attribute(1)?.bytes ?? [])]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':')
  const kind = attributes.attribute(18)?.attribute(1)?.text() ?? ''
  return {
    device: attributes.attribute(3)!.text(),
    ...(/[^0:]/.test(mac) ? { macaddress: mac } : {}),
    mtu: attributes.attribute(4)!.long(),
    active: attributes.attribute(16)?.byte(0) !== DOWN,
    type: KINDS.get(kind) ?? TYPES.get(type) ?? 'unknown',
    promisc: (attributes.attribute(30)?.long() ?? 0) > 0,
  }
}

function addressOf({ head, attributes }: Message): Address {
  const family = head.byte(0)
  const prefix = head.byte(1)
  // That of this end, where a tunnel has two.
  const bytes = (attributes.attribute(2) ?? attributes.attribute(1))!
  const shared = {
    device: head.long(4),
    label: attributes.attribute(3)?.text() ?? '',
    isSecondary: (head.byte(2) & SECONDARY) !== 0,
    family,
  }
  const address = addressText(bytes)
  if (family !== INET)
    return {
      ...shared,
      facts: { address, prefix: String(prefix), scope: SCOPES.get(head.byte(3)) ?? String(head.byte(3)) },
    }
  const mask = prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0
  const broadcast = attributes.attribute(4)
  const network = (bytes.bytes.readUInt32BE(0) & mask) >>> 0
  return {
    ...shared,
    facts: {
      address,
      broadcast: broadcast ? addressText(broadcast) : '',
      netmask: dotted(mask),
      network: dotted(network),
      prefix: String(prefix),
    },
  }
}

interface Known {
  links: ReadonlyMap<number, Message>
  names: ReadonlyMap<number, string>
  addresses: readonly Address[]
  interfaces: ReadonlyMap<string, Vars>
}

/** What the route to the world says; nothing where there is none. */
function defaultFacts(route: Message | undefined, { names, addresses, interfaces }: Known): Vars {
  if (!route) return {}
  const [source, gateway, out] = [7, 5, 4].map((number) => route.attributes.attribute(number))
  const name = out && names.get(out.long())
  if (!source || name === undefined) return {}
  const address = addressText(source)
  const facts = {
    ...(gateway ? { gateway: addressText(gateway) } : {}),
    interface: name,
    address,
  }
  const own = addresses.find((one) => one.facts.address === address)
  const device = interfaces.get(names.get(own?.device ?? 0) ?? '')
  if (!own || !device) return facts
  return {
    ...facts,
    ...own.facts,
    ...(device.macaddress === undefined ? {} : { macaddress: device.macaddress }),
    ...{ mtu: device.mtu, type: device.type },
    ...(own.family === INET ? { alias: own.label } : {}),
  }
}

const dotted = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')

/** IPv6 is written as RFC 5952 wants it. */
const addressText = ({ bytes }: Reader): string =>
  bytes.length === 4
    ? bytes.join('.')
    : new URL(`http://[${bytes.toString('hex').replace(/(.{4})(?=.)/g, '$1:')}]`).hostname.slice(1, -1)
