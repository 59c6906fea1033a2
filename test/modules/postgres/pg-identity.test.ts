import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import { canonicalAddress } from '../../../contract/ip.ts'
import { localAddresses } from '../../../modules/postgres/pg-identity/addresses.ts'
import { pgIdentityModule } from '../../../modules/postgres/pg-identity/index.ts'
import type { Identity } from '../../../modules/postgres/pg-identity/inspect.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { fakeHost } from '../../support/fake-host.ts'

const identity = (host: string, more: Partial<Identity> = {}): Identity => ({
  host,
  machine: `machine of ${host}`,
  version: '15',
  cluster: 'main',
  data_directory: '/var/lib/postgresql/15/main',
  port: 5432,
  certificate: null,
  resolved: [],
  addresses: [],
  primary: true,
  system_identifier: `system of ${host}`,
  timeline: 1,
  ...more,
})
const INVENTORY = 'vm1 10.0.0.1\nvm2 vm2.example\n'
const plan = (here: Identity, others: Identity[] = [], address = '10.0.0.1') =>
  pgIdentityModule.plan(here, {
    version: '15',
    cluster: 'main',
    address,
    inventory: INVENTORY,
    others: [here, [...others]],
  })

it('two clusters of one machine are two servers, where their ports differ', () => {
  const here = identity('vm2', {
    port: 5433,
    cluster: 'other',
    addresses: ['10.0.0.1'],
    data_directory: '/other',
  })
  const ports = (own: number, other: number) => () =>
    pgIdentityModule.plan(here, {
      ...{ version: '15', cluster: 'other', address: '10.0.0.1', port: own, others: [] },
      inventory: `vm1 10.0.0.1 ${other}\nvm2 10.0.0.1 ${own}`,
    })
  expect(ports(5433, 5432)).not.toThrow()
  expect(ports(5433, 5433)).toThrow('vm2 and vm1 are one server')
})

describe('two hosts that are one server', () => {
  const here = identity('vm2')
  it('have one address in the inventory', () => {
    expect(() => plan(here)).toThrow('vm2 and vm1 are one server: both have the address 10.0.0.1')
  })

  it('are told by the machine’s own addresses, where ssh goes by another name or port', () => {
    expect(() => plan(identity('vm2', { addresses: ['10.0.0.1'] }), [], 'vm2.example')).toThrow(
      'the machine that answers as vm2 has the address of vm1, 10.0.0.1',
    )
  })

  it('are on one machine, and have one cluster there', () => {
    const other = identity('vm3', { machine: here.machine })
    expect(() => plan(here, [other], 'vm2.example')).toThrow(/one machine, and to cluster 15\/main/)
    expect(() =>
      plan(here, [{ ...other, cluster: 'second', data_directory: '/second' }], 'vm2.example'),
    ).not.toThrow()
    expect(() => plan({ ...here, machine: null }, [{ ...other, machine: null }], 'vm2.example')).not.toThrow()
  })

  it('have names that resolve to one address, and one port', () => {
    const [a, b] = [identity('vm2', { resolved: ['10.0.0.9'] }), identity('vm3', { resolved: ['10.0.0.9'] })]
    expect(() => plan(a, [b], 'vm2.example')).toThrow('the address of each is 10.0.0.9, and the port 5432')
    expect(() => plan(a, [{ ...b, port: 5433 }], 'vm2.example')).not.toThrow()
  })
})

describe('equal system identifiers', () => {
  const twin = identity('vm3', { system_identifier: 'system of vm2' })
  const check = (other: Identity) => () => plan(identity('vm2'), [other], 'vm2.example')
  it('are refused of two primaries', () => {
    expect(check(twin)).toThrow(/vm2 and vm3 are primaries of one system identifier/)
  })

  it('are those of a standby, of a restored copy with a name of its own, and of one that was promoted', () => {
    expect(check({ ...twin, primary: false })).not.toThrow()
    expect(check({ ...twin, cluster: 'restored', data_directory: '/restored' })).not.toThrow()
    expect(check({ ...twin, timeline: 2 })).not.toThrow()
  })
})

describe('which machine it is', () => {
  const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.0.0.0/24 2 0 2
        |-- 10.0.0.0
           /24 link UNICAST
        |-- 10.0.0.2
           /32 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL`
  const INET6 = `fe800000000000000000000000000001 02 40 20 80 host0
fd000000000000000000000000000002 02 40 00 80 host0
00000000000000000000000000000001 01 80 10 80 lo`

  it('is told by its addresses, without those that every machine has', () => {
    expect(localAddresses(TRIE, INET6)).toEqual(['10.0.0.2', canonicalAddress('fd00::2')])
    expect(canonicalAddress('::ffff:10.0.0.2')).toBe(`${'0'.repeat(20)}ffff0a000002`)
    expect(canonicalAddress('vm2.example')).toBeNull()
  })

  it('is another one where machine-id and boot are equal, and the network is not', async () => {
    const machine = async (network: string) => {
      const host = fakeHost({
        name: 'vm2',
        facts: [predict(clusterKey('15', 'main'), null)],
        files: {
          '/etc/machine-id': 'one\n',
          '/proc/sys/kernel/random/boot_id': 'two\n',
          '/proc/self/ns/net': { type: 'link', target: network },
          '/proc/net/fib_trie': TRIE,
        },
        reads: { 'getent ahosts vm2.example': '127.0.1.1 STREAM vm2\n10.0.0.2 STREAM\n10.0.0.2 DGRAM\n' },
      })
      const params = { version: '15', cluster: 'main', address: 'vm2.example', inventory: '', others: [] }
      return pgIdentityModule.inspect(host, params)
    }
    const [one, again, other] = await Promise.all([
      machine('net:[1]'),
      machine('net:[1]'),
      machine('net:[2]'),
    ])
    expect(one).toMatchObject({ resolved: ['10.0.0.2'], addresses: ['10.0.0.2'], data_directory: null })
    expect(again.machine).toBe(one.machine)
    expect(other.machine).not.toBe(one.machine)
  })
})
