import { compareTopology, type Finding } from '../../../runner/status/compare/compare.ts'
import type { Look, SeenSlot, SeenSubscription, ServerLook } from '../../../runner/status/look/look.ts'
import type { TopologyVariables as HostVariables } from '../../../runner/topology/schema.ts'
import { wantedTopology } from '../../../runner/topology/wanted.ts'

const DEFAULTS = {
  ...{ pg_version: '15', pg_cluster: 'main', pg_port: 5432 },
  ...{ pg_replicated_database: 'postgres', pg_replication_user: 'replicator' },
  ...{ pg_replication: 'managed' as const, pg_host_names: 'keep' as const },
}
export const host = (more: Partial<HostVariables>): HostVariables => ({
  ...DEFAULTS,
  ...more,
})

/** The four hosts of the example. */
export const INVENTORY = new Map<string, HostVariables>([
  ['vm1', host({ publishes: ['test'], subscribes_to: ['vm2'] })],
  ['vm2', host({ publishes: ['test2'], subscribes_to: ['vm1'] })],
  ['vm3', host({ subscribes_to: ['vm1', 'vm2'] })],
  ['vm4', host({ standby_of: 'vm3' })],
])
const ADDRESSES = new Map([...INVENTORY.keys()].map((name, index) => [name, `10.15.0.1${index + 1}`]))

export const slot = (name: string, more: Partial<SeenSlot> = {}): SeenSlot => ({
  name,
  type: 'logical',
  plugin: 'pgoutput',
  db: 'postgres',
  temporary: false,
  active: true,
  active_pid: 1,
  reserved: true,
  wal_status: 'reserved',
  retained: 0,
  synced: false,
  behind: 0,
  delay: null,
  ...more,
})

export const subscription = (publisher: string, table: string, more: Partial<SeenSubscription> = {}) => ({
  name: `from_${publisher}`,
  database: 'postgres',
  publications: ['test_pub'],
  host: ADDRESSES.get(publisher)!,
  enabled: true,
  slot: '',
  pid: 7,
  age: 100,
  received: '0/1',
  errors: 0,
  sync_errors: 0,
  tables: { [table]: 'r' },
  ...more,
})

export const server = (more: Partial<ServerLook>): ServerLook => ({
  recovery: false,
  version: '15.18',
  system: '42',
  written: '0/100',
  most_workers: 8,
  subscriptions: [],
  publications: [],
  slots: [],
  standby: null,
  collations: [],
  archiver: { failing: false, failures: 0, segment: null, for: null },
  database: true,
  ...more,
})

const publication = (table: string) => [
  { name: 'test_pub', tables: [table], unidentified: [], narrowed: [], left_out: [] },
]

/** As the inventory wants them. */
export const GOOD: Record<string, ServerLook> = {
  vm1: server({
    publications: publication('public.test'),
    subscriptions: [subscription('vm2', 'public.test2', { slot: 'vm1_from_vm2' })],
    slots: [slot('vm2_from_vm1'), slot('vm3_from_vm1')],
  }),
  vm2: server({
    publications: publication('public.test2'),
    subscriptions: [subscription('vm1', 'public.test', { slot: 'vm2_from_vm1' })],
    slots: [slot('vm1_from_vm2'), slot('vm3_from_vm2')],
  }),
  vm3: server({
    subscriptions: [
      subscription('vm1', 'public.test', { slot: 'vm3_from_vm1' }),
      subscription('vm2', 'public.test2', { slot: 'vm3_from_vm2' }),
    ],
    slots: [slot('vm4', { type: 'physical', plugin: null, db: null })],
  }),
  vm4: server({
    recovery: true,
    most_workers: 0,
    subscriptions: [subscription('vm1', 'public.test', { slot: 'vm3_from_vm1', pid: null })],
    publications: [
      { name: 'of_vm3', tables: null, unidentified: ['public.odd'], narrowed: [], left_out: [] },
    ],
    standby: {
      status: 'streaming',
      host: '10.15.0.13',
      port: 5432,
      slot: 'vm4',
      received: '0/100',
      replayed: '0/100',
      paused: false,
      configured_host: '10.15.0.13',
      primary_slot: 'vm4',
      upstream_wrote: '0/100',
      since: 3000,
    },
  }),
}

/** The four hosts, some of them otherwise; null: not asked. */
export function compared(
  otherwise: Record<string, Partial<ServerLook> | Look | null> = {},
  gaps: Parameters<typeof compareTopology>[3] = new Map(),
) {
  const looks = new Map<string, Look>()
  for (const name of INVENTORY.keys()) {
    const other = otherwise[name]
    if (other === null) continue
    if (other && 'state' in other) looks.set(name, other)
    else looks.set(name, { state: 'running', server: { ...GOOD[name]!, ...other } })
  }
  return compareTopology(wantedTopology(INVENTORY), looks, ADDRESSES, gaps)
}

/** `vm1 difference: what`, of all hosts. */
export const said = (...arguments_: Parameters<typeof compared>): string[] =>
  compared(...arguments_).flatMap(({ wanted, findings }) =>
    findings.map(({ kind, what }: Finding) => `${wanted.host} ${kind}: ${what}`),
  )
