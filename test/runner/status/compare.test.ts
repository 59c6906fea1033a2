import { describe, expect, it } from 'vitest'
import { compareKeptSlots } from '../../../runner/status/compare/slots.ts'
import { wantedTopology } from '../../../runner/topology/wanted.ts'
import { compared, GOOD, host, said, server, slot, subscription } from './looks.ts'

const standby = (more: object) => ({ vm4: { standby: { ...GOOD.vm4!.standby!, ...more } } })
const vm3 = (index: number, more: object) => ({
  vm3: {
    subscriptions: GOOD.vm3!.subscriptions.map((one, at) => (at === index ? { ...one, ...more } : one)),
  },
})

it('finds nothing where all is as the inventory wants it, also where only some were asked', () => {
  expect(said()).toEqual([])
  expect(said({ vm1: null, vm3: null })).toEqual([])
  expect(compared({ vm1: null, vm3: null }).map(({ wanted }) => wanted.host)).toEqual(['vm2', 'vm4'])
})

it('makes one line of a cluster that cannot be asked', () => {
  expect(said({ vm3: { state: 'unreachable', why: 'no route' } })).toEqual(['vm3 difference: no route'])
  const [found] = compared({ vm1: { state: 'stopped', why: 'it is down' } })
  expect(found!.found).toMatchObject({ state: 'stopped', role: null, version: null, subscriptions: [] })
})

describe('subscriptions', () => {
  it('differ where they are missing, disabled, without a worker, or not ready', () => {
    expect(said({ vm3: { subscriptions: [GOOD.vm3!.subscriptions[0]!] } })).toEqual([
      'vm3 difference: subscription from_vm2 is not there',
    ])
    expect(said(vm3(0, { enabled: false, pid: null }))).toEqual([
      'vm3 difference: subscription from_vm1 is disabled',
    ])
    expect(said(vm3(0, { pid: null, age: null }))[0]).toMatch(/from_vm1: no worker runs/)
    expect(said(vm3(1, { tables: { 'public.test2': 'd' } }))[0]).toMatch(/public.test2 is being copied/)
  })

  it('differ where they lead elsewhere, or lack a table that is published', () => {
    expect(said(vm3(0, { host: '10.15.0.12', slot: null, publications: ['a', 'b'] }))).toEqual([
      'vm3 difference: subscription from_vm1 connects to vm2, not to vm1',
      'vm3 difference: subscription from_vm1 uses slot NONE, not vm3_from_vm1',
      'vm3 difference: subscription from_vm1 takes a, b, not test_pub',
    ])
    expect(said(vm3(0, { tables: {} }))).toEqual([
      'vm3 difference: subscription from_vm1 has no table, so that nothing will ever arrive',
      'vm3 difference: subscription from_vm1 does not bring public.test',
    ])
  })

  it('differ where the inventory knows nothing of them, in whatever database', () => {
    const more = [...GOOD.vm3!.subscriptions, subscription('vm2', 'x', { database: 'other', tables: null })]
    expect(said({ vm3: { subscriptions: more } })).toEqual([
      'vm3 difference: subscription from_vm2 to vm2 in database other is not in the inventory',
    ])
  })
})

it('publications differ where they are missing, or hold other tables', () => {
  const test_pub = GOOD.vm1!.publications[0]!
  expect(said({ vm1: { publications: [] } })).toEqual([
    'vm1 difference: publication test_pub is not in database postgres',
  ])
  expect(said({ vm1: { publications: [{ ...test_pub, tables: ['public.other'] }] } })).toEqual([
    'vm1 difference: publication test_pub holds public.other, not public.test',
  ])
  expect(said({ vm1: { publications: [{ ...test_pub, tables: null }] } })[0]).toMatch(/holds all tables/)
  expect(said({ vm1: { publications: [{ ...test_pub, narrowed: ['public.test'] }] } })).toEqual([
    'vm1 difference: publication test_pub sends some rows or columns alone, and the inventory says all, of public.test',
  ])
  expect(said({ vm1: { publications: [{ ...test_pub, left_out: ['update', 'delete'] }] } })).toEqual([
    'vm1 warning: publication test_pub does not send update, delete: such changes reach no subscriber',
  ])
  expect(said({ vm1: { publications: [], database: false } })[0]).toMatch(/there is no database postgres/)
})

describe('slots', () => {
  const vm1 = (...slots: ReturnType<typeof slot>[]) => ({ vm1: { slots: [slot('vm2_from_vm1'), ...slots] } })

  it('differ where they are missing, inactive or lost, and name who needs them', () => {
    expect(said(vm1())).toEqual([
      'vm1 difference: slot vm3_from_vm1, through which vm3 streams, is not there',
    ])
    expect(said(vm1(slot('vm3_from_vm1', { active: false, retained: 16_777_216 })))).toEqual([
      'vm1 difference: slot vm3_from_vm1, through which vm3 streams, is inactive, and holds 16 MB of WAL back',
    ])
    expect(said(vm1(slot('vm3_from_vm1', { active: false, wal_status: 'lost' })))[0]).toMatch(/is lost/)
  })

  it('are warned of where nobody is to use them and they hold WAL back', () => {
    const asWanted = slot('vm3_from_vm1')
    const left = { active: false, retained: 2048 }
    expect(said(vm1(asWanted, slot('other')))).toEqual([])
    expect(said(vm1(asWanted, slot('other', { ...left, temporary: true })))).toEqual([])
    expect(said(vm1(asWanted, slot('other', { ...left, synced: true })))).toEqual([])
    expect(said(vm1(asWanted, slot('other', { ...left, reserved: false, retained: null })))).toEqual([])
    expect(said(vm1(asWanted, slot('other', left)))).toEqual([
      'vm1 warning: slot other, which is not in the inventory, is inactive, and holds 2 kB of WAL back',
    ])
  })
})

describe('slots that a standby keeps for its publisher’s subscribers', () => {
  const fleet = new Map([
    ['vm1', host({ pg_version: '17', publishes: ['test'] })],
    ['vm2', host({ pg_version: '17', standby_of: 'vm1' })],
    ['vm3', host({ pg_version: '17', subscribes_to: ['vm1'] })],
  ])
  const topology = wantedTopology(fleet)
  const found = (...slots: ReturnType<typeof slot>[]) =>
    compareKeptSlots(server({ recovery: true, slots }), topology[1]!, topology).map(({ what }) => what)

  it('differ where they are missing, or not kept yet', () => {
    const missing = 'slot vm3_from_vm1, through which vm3 streams from vm1, is not kept here'
    expect(found(slot('vm3_from_vm1', { synced: true, active: false }))).toEqual([])
    expect(found()).toEqual([missing])
    expect(found(slot('vm3_from_vm1', { synced: true, temporary: true }))).toEqual([missing])
    expect(found(slot('vm3_from_vm1'))).toEqual([missing])
  })

  it('are none of a publisher, nor before PostgreSQL 17', () => {
    expect(compareKeptSlots(server({ slots: [] }), topology[0]!, topology)).toEqual([])
    const older = wantedTopology(
      new Map([...fleet].map(([name, one]) => [name, { ...one, pg_version: '16' }])),
    )
    expect(compareKeptSlots(server({ recovery: true, slots: [] }), older[1]!, older)).toEqual([])
  })
})

describe('what is left of hosts and tables', () => {
  it('a slot of a host that is gone and still streams is warned of, with what to type', () => {
    const slots = [slot('vm2_from_vm1'), slot('vm3_from_vm1'), slot('vm9_from_vm1')]
    const { findings } = compared({ vm1: { slots } }).find(({ wanted }) => wanted.host === 'vm1')!
    expect(findings).toEqual([
      {
        kind: 'warning',
        what: 'slot vm9_from_vm1, which is not in the inventory, is active: vm9 goes on streaming',
        hint: expect.stringContaining('remove-host.yaml -i INVENTORY -e host=vm9 -e host_is_lost=true'),
      },
    ])
  })
})

describe('a standby', () => {
  it('differs where it was promoted, and its subscriptions are those of its old primary', () => {
    const promoted = { recovery: false, standby: null, subscriptions: GOOD.vm3!.subscriptions.slice(0, 1) }
    expect(said({ vm4: promoted })).toEqual([
      'vm4 difference: it is a primary, and the inventory wants a standby of vm3',
      'vm4 difference: subscription from_vm1 to vm1 in database postgres is not in the inventory',
      'vm4 warning: publication of_vm3 holds public.odd without a replica identity: UPDATE and DELETE fail there',
    ])
    const hints = compared({ vm4: promoted })
      .at(-1)!
      .findings.map(({ hint }) => hint)
    expect(hints[1]).toContain('SET (slot_name = NONE)')
  })

  it('differs where it does not stream, or from elsewhere, or is a copy of another server', () => {
    const lost = { status: null, host: null, port: null, slot: null }
    expect(said(standby(lost))).toEqual([
      'vm4 difference: it does not stream from its primary: its WAL receiver does not run',
    ])
    expect(said(standby({ host: '10.15.0.11' }))).toEqual(['vm4 difference: it follows vm1, not vm3'])
    expect(said(standby({ slot: null, primary_slot: null }))).toEqual([
      'vm4 difference: it streams without a slot, not through vm4',
    ])
    expect(said({ vm4: { system: '43' } })[0]).toMatch(/system identifier is 43, that of vm3 42/)
  })

  it('is warned of where replay is paused, and where its workers would run once promoted', () => {
    expect(said(standby({ paused: true }))).toEqual(['vm4 warning: replay is paused'])
    expect(said({ vm4: { most_workers: 4 } })[0]).toMatch(/once promoted, it would take the slots/)
  })

  it('in the place of a primary differs, and is asked nothing that its catalogue copies', () => {
    expect(said({ vm1: { ...GOOD.vm4!, slots: [] } })).toEqual([
      'vm1 difference: it is a standby of vm3, and the inventory wants a primary',
    ])
  })

  it('lags by what its primary has written, and by nothing while there is nothing to replay', () => {
    const lag = (otherwise: Parameters<typeof compared>[0]) => {
      const { lag_bytes, lag_seconds } = compared(otherwise).at(-1)!.found
      return [lag_bytes, lag_seconds]
    }
    expect(lag({})).toEqual([0, 0])
    expect(lag({ vm3: { written: '0/200' } })).toEqual([256, 0])
    expect(lag({ vm3: null, ...standby({ upstream_wrote: '0/120' }) })).toEqual([32, 0])
    expect(lag({ vm3: null, ...standby({ received: '0/180', upstream_wrote: '0/180' }) })).toEqual([
      128, 3000,
    ])
    expect(lag({ vm3: { written: '0/200' }, ...standby({ status: null }) })).toEqual([256, null])
  })
})

it('a subscription lags by what its publisher’s slot says', () => {
  const of = (more: object) =>
    compared({ vm1: { slots: [slot('vm2_from_vm1'), slot('vm3_from_vm1', more)] } })[2]!.found
      .subscriptions[0]
  expect(of({ behind: 64, delay: 0.5 })).toMatchObject({ lag_bytes: 64, lag_seconds: 0.5 })
  expect(of({ behind: 64 })).toMatchObject({ lag_bytes: 64, lag_seconds: 0 })
  expect(of({ behind: 64, active: false })).toMatchObject({ lag_bytes: 64, lag_seconds: null })
})

it('warns of a replication role that may read files, on the primary alone', () => {
  expect(said({ vm3: { file_readers: ['replicator'] }, vm4: { file_readers: ['replicator'] } })).toEqual([
    'vm3 warning: the replication role replicator may read any file of the server',
  ])
})

it('warns of what no inventory would want', () => {
  const archiver = { failing: true, failures: 3, segment: '000000010000000000000004', for: 7200 }
  const collations = [{ what: 'database app', made_with: '2.31', now: '2.36' }]
  const publications = [
    { name: 'test_pub', tables: ['public.test'], unidentified: ['public.test'], narrowed: [], left_out: [] },
  ]
  expect(said({ vm1: { archiver, collations, publications } })).toEqual([
    'vm1 warning: archiving fails at 000000010000000000000004: nothing was archived for 2 h',
    'vm1 warning: publication test_pub holds public.test without a replica identity: UPDATE and DELETE fail there',
    'vm1 warning: database app was made with collation version 2.31, and the system now has 2.36',
  ])
})
