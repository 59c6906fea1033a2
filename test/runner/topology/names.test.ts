import { Chalk } from 'chalk'
import { describe, expect, it } from 'vitest'
import { compareTopology } from '../../../runner/status/compare/compare.ts'
import type { ServerLook } from '../../../runner/status/look/look.ts'
import { statusReport } from '../../../runner/status/show/report.ts'
import { statusLines } from '../../../runner/status/show/text.ts'
import type { TopologyVariables as HostVariables } from '../../../runner/topology/schema.ts'
import { wantedTopology } from '../../../runner/topology/wanted.ts'
import { host, server, slot, subscription } from '../status/looks.ts'

/** A fleet none of whose names is one of the example's. */
const FLEET = new Map<string, HostVariables>([
  [
    'erp',
    host({
      pg_publications: [
        { name: 'orders', tables: ['sales.orders', { name: 'items', where: 'id > 0' }] },
        { name: 'all_of_it', all_tables: true },
        { name: 'hr', schemas: ['hr'] },
      ],
    }),
  ],
  [
    'bi',
    host({
      pg_subscriptions: [
        { name: 'erp_orders', publisher: 'erp', publications: ['orders'], slot: 'reporting' },
        { name: 'people', publisher: 'erp', publications: ['hr', 'all_of_it'] },
      ],
    }),
  ],
])
const ADDRESSES = new Map([
  ['erp', 'erp.example'],
  ['bi', 'bi.example'],
])
const orders = {
  name: 'orders',
  tables: ['public.items', 'sales.orders'],
  unidentified: [],
  narrowed: ['public.items'],
  left_out: [],
}
const published = [
  orders,
  { name: 'all_of_it', tables: null, unidentified: [], narrowed: [], left_out: [] },
  { name: 'hr', tables: ['hr.staff'], unidentified: [], narrowed: [], left_out: [] },
]
const subscribed = (name: string, of: string, publications: string[], more = {}) =>
  subscription('', '', { name, host: 'erp.example', slot: of, publications, ...more })
const LOOKS = {
  erp: server({ publications: published, slots: [slot('reporting'), slot('bi_people')] }),
  bi: server({
    subscriptions: [
      subscribed('erp_orders', 'reporting', ['orders'], {
        tables: { 'public.items': 'r', 'sales.orders': 'r' },
      }),
      subscribed('people', 'bi_people', ['hr', 'all_of_it'], { tables: { 'hr.staff': 'r' } }),
    ],
  }),
}

function look(otherwise: Partial<Record<'erp' | 'bi', Partial<ServerLook>>> = {}, fleet = FLEET) {
  const looks = new Map(
    (['erp', 'bi'] as const).map((name) => [
      name,
      { state: 'running' as const, server: { ...LOOKS[name], ...otherwise[name] } },
    ]),
  )
  return compareTopology(wantedTopology(fleet), looks, ADDRESSES)
}
const found = (...args: Parameters<typeof look>) => look(...args).flatMap(({ findings }) => findings)
const said = (...args: Parameters<typeof look>) => found(...args).map(({ what }) => what)

describe('a fleet with names of its own', () => {
  it('is shown under these, and nothing differs', () => {
    const lines = statusLines(statusReport(look()), new Chalk({ level: 0 }))
    expect(lines.map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      'CLUSTER  ROLE  VERSION  UPSTREAM  SLOT  LAG  STATE',
      'erp 15/main  primary  15.18  running',
      '  publication orders  items, sales.orders',
      '  publication all_of_it  all tables',
      '  publication hr  hr.staff',
      'bi 15/main  primary  15.18  running',
      '  subscription erp_orders  erp  reporting  0 B, 0 s  ready',
      '  subscription people  erp  bi_people  0 B, 0 s  ready',
      '',
      '2 clusters, as the inventory wants them',
    ])
  })

  it('differs under these', () => {
    const [one, two] = LOOKS.bi.subscriptions
    expect(said({ erp: { publications: [{ ...orders, tables: null }] } })).toEqual([
      'publication orders holds all tables, not public.items, sales.orders',
      'publication all_of_it is not in database postgres',
      'publication hr is not in database postgres',
    ])
    expect(
      said({ erp: { publications: [orders, { ...orders, name: 'all_of_it' }, published[2]!] } }),
    ).toEqual(['publication all_of_it holds public.items, sales.orders, not all tables'])
    expect(said({ bi: { subscriptions: [{ ...one!, slot: 'bi_erp_orders', tables: {} }, two!] } })).toEqual([
      'subscription erp_orders has no table, so that nothing will ever arrive',
      'subscription erp_orders uses slot bi_erp_orders, not reporting',
      'subscription erp_orders does not bring public.items, sales.orders',
    ])
    expect(said({ erp: { slots: [slot('bi_people')] } })).toEqual([
      'slot reporting, through which bi streams, is not there',
    ])
  })

  it('is not judged by the names of the shorthand', () => {
    const more = [...LOOKS.bi.subscriptions, subscribed('from_hq', 'x', ['test_pub'])]
    const [unwanted] = found({ bi: { subscriptions: more } })
    expect(unwanted!.hint).toBe(
      'Add it to pg_subscriptions, or remove it with pg_subscription: state absent.',
    )
    const left = slot('vm9_from_erp', { active: false, retained: 2048 })
    const [slots] = found({ erp: { slots: [...LOOKS.erp.slots, left] } })
    expect(slots!.hint).not.toContain('remove-host')
    expect(said({ bi: { publications: [{ ...orders, name: 'test_pub' }] } })).toEqual([])
  })

  it('differs where a host still publishes under a name that the inventory gives to another', () => {
    const [finding] = found({ bi: { publications: [orders] } })
    expect(finding).toMatchObject({
      what: 'publication orders holds public.items, sales.orders, and the inventory says that nothing is published',
      hint: expect.stringContaining('name it in pg_publications'),
    })
  })
})

it('subscribes_to subscribes to all that a publisher names', () => {
  const fleet = new Map(FLEET).set('bi', host({ subscribes_to: ['erp'] }))
  expect(wantedTopology(fleet)[1]!.subscriptions).toEqual([
    {
      name: 'from_erp',
      publisher: 'erp',
      publications: ['all_of_it', 'hr', 'orders'],
      slot: 'bi_from_erp',
      tables: null,
    },
  ])
})
