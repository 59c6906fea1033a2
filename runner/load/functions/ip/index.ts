import { isInt, isList, str, Tuple } from '../../jinja/value.ts'
import { filter } from '../define.ts'
import type { FunctionCall, LibraryFunction } from '../function.ts'
import { ipaddr } from './ipaddr.ts'
import type { Version } from './network.ts'
import { added, inNetwork, inUsable, ipsubnet, nthHost, nthUsable, reduced } from './networks.ts'

/** The names of collections in which Ansible has had these. */
const named = (name: string): string => `${name} ansible.utils.${name} ansible.netcommon.${name}`

const queryOf = (query: unknown): string => (query === null ? '' : str(query))

function asked(
  [value, query]: readonly unknown[],
  version: Version | undefined,
  call: FunctionCall,
): unknown {
  if (typeof value !== 'string' && typeof value !== 'boolean' && !isInt(value) && !isPlainList(value))
    return call.fail('a text, an int or a list is needed')
  return ipaddr(value, queryOf(query), version, call)
}

const isPlainList = (value: unknown): value is unknown[] => isList(value) && !(value instanceof Tuple)

function wrapped(value: unknown, call: FunctionCall): unknown {
  if (isList(value))
    return value.map((one) => (isAddress(one, call) ? ipaddr(one, 'wrap', undefined, call) : one))
  if (typeof value !== 'string' && typeof value !== 'boolean') return call.fail('a text or a list is needed')
  const plain = ipaddr(value, '', undefined, call)
  return plain === false || plain === null ? value : ipaddr(plain, 'wrap', undefined, call)
}

const isAddress = (value: unknown, call: FunctionCall): boolean => {
  const found = ipaddr(value, '', undefined, call)
  return typeof found === 'string' || (isList(found) && found.length > 0)
}

export const ADDRESSES: readonly LibraryFunction[] = [
  filter(
    `${named('ipaddr')}(query="")`,
    "'10.0.0.5/24' | ipaddr('network')",
    'an address or network of IP, or what is asked of it; false for what is none',
    (args, call) => asked(args, undefined, call),
  ),
  filter(`${named('ipv4')}(query="")`, 'addresses | ipv4', 'as ipaddr, of IPv4 alone', (args, call) =>
    asked(args, 4, call),
  ),
  filter(`${named('ipv6')}(query="")`, 'addresses | ipv6', 'as ipaddr, of IPv6 alone', (args, call) =>
    asked(args, 6, call),
  ),
  filter(
    `${named('ipwrap')}()`,
    "'::1' | ipwrap",
    'addresses of IPv6 in [ ], all else as it is',
    ([value], call) => wrapped(value, call),
  ),
  filter(
    `${named('ipsubnet')}(query="", index=None)`,
    "'10.0.0.0/16' | ipsubnet(24, 5)",
    'a part of a network, how many there are, or which one it is',
    ([value, query, index], call) => ipsubnet(value, query, index, call),
  ),
  filter(
    `${named('ipmath')}(amount)`,
    "'10.0.0.5' | ipmath(1)",
    'the address so many further on',
    ([value, amount], call) => added(value, amount, call),
  ),
  filter(
    `${named('nthhost')}(query="")`,
    "'10.0.0.0/8' | nthhost(305)",
    'the address at a place of a network',
    ([value, query], call) => nthHost(value, query, call),
  ),
  filter(
    `${named('next_nth_usable')}(offset=None)`,
    "'10.0.0.5/24' | next_nth_usable(2)",
    'the address so many further on that a host may have',
    ([value, offset], call) => nthUsable(value, offset, 1, call),
  ),
  filter(
    `${named('previous_nth_usable')}(offset=None)`,
    "'10.0.0.5/24' | previous_nth_usable(2)",
    'the address so many before that a host may have',
    ([value, offset], call) => nthUsable(value, offset, -1, call),
  ),
  filter(
    `${named('network_in_network')}(test=None)`,
    "'10.0.0.0/8' | network_in_network('10.1.0.0/16')",
    'whether an address or network is in a network',
    ([value, inner]) => inNetwork(value, inner),
  ),
  filter(
    `${named('network_in_usable')}(test=None)`,
    "'10.0.0.0/24' | network_in_usable('10.0.0.1')",
    'whether hosts of a network may have these addresses',
    ([value, inner]) => inUsable(value, inner),
  ),
  filter(
    `${named('reduce_on_network')}(network=None)`,
    "addresses | reduce_on_network('10.0.0.0/8')",
    'the addresses of a list that are in a network',
    ([value, network], call) => reduced(value, network, call),
  ),
]
