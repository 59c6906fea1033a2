import { isList, truthy } from '../../jinja/value.ts'
import type { FunctionCall } from '../function.ts'
import { type Given, networkText, readGiven } from './given.ts'
import { addressText, firstOf, isWithin, parseNetwork, sizeOf, type Version } from './network.ts'
import { QUERIES } from './queries.ts'

/** What `ipaddr` answers: false for what is no address, null where a query has no answer. @throws by fail */
export function ipaddr(
  value: unknown,
  query: string,
  version: Version | undefined,
  call: FunctionCall,
): unknown {
  if (isList(value)) return value.map((one) => ipaddr(one, query, version, call)).filter(truthy)
  call.spend(20)
  if (!truthy(value) || value === true) return false
  const given = readGiven(value, version)
  if (!given || (version !== undefined && given.of.version !== version)) return false
  if (Object.hasOwn(QUERIES, query)) return QUERIES[query]!(given, call)
  const outer = /^\d+$/.test(query) ? undefined : parseNetwork(query)
  if (outer) return isWithin(given.of, { ...outer, address: firstOf(outer) }) ? given.text : null
  if (/^[+-]?\d+$/.test(query)) return numbered(given, BigInt(query))
  return call.fail(
    `there is no query '${query}'`,
    `for example address, network, netmask, prefix; or a network`,
  )
}

/** The address at a place of its network. */
function numbered({ of, isNetwork }: Given, index: bigint): unknown {
  const size = sizeOf(of)
  if (size === 1n) return isNetwork ? networkText(of) : addressText(of.address, of.version)
  const at = index < 0n ? size + index : index
  return at >= 0n && at < size ? networkText({ ...of, address: firstOf(of) + at }) : false
}
