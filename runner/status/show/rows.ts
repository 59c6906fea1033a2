import { duration, size } from '../../../contract/units.ts'
import type { WantedCluster, WantedSubscription } from '../../topology/wanted.ts'
import type { ClusterStatus } from '../compare/compare.ts'
import type { FoundCluster, FoundSlot, FoundSubscription, Lag } from '../look/found.ts'

export const HEADINGS = ['CLUSTER', 'ROLE', 'VERSION', 'UPSTREAM', 'SLOT', 'LAG', 'STATE'] as const

export interface Cell {
  text: string
  /** It is not as the inventory wants it. */
  differs?: boolean
}

/** A line for each cluster, and under it one for each publication, subscription, and slot that matters by itself. */
export const rowsOf = ({ wanted, found }: ClusterStatus): Cell[][] => [
  clusterRow(wanted, found),
  ...(found.role === 'primary'
    ? [...publicationRows(wanted, found), ...subscriptionRows(wanted, found)]
    : []),
  ...(found.state === 'running' ? slotRows(wanted, found) : []),
]

/** `found`, or `found → wanted`. */
function cell(found: string | null, wanted: string | null): Cell {
  if (found === wanted) return { text: found ?? '' }
  return { text: `${found ?? 'none'} → ${wanted ?? 'none'}`, differs: true }
}

const plain = (text: string): Cell => ({ text })

function clusterRow(wanted: WantedCluster, found: FoundCluster): Cell[] {
  const isKnown = found.state === 'running'
  const known = (value: string | null, wish: string | null): Cell => cell(isKnown ? value : '?', wish)
  return [
    plain(`${wanted.host} ${wanted.version}/${wanted.cluster}`),
    known(found.role, wanted.role),
    plain(found.version ?? '?'),
    isKnown || wanted.upstream !== null ? known(found.upstream, wanted.upstream) : plain(''),
    isKnown || wanted.slot !== null ? known(found.slot, wanted.slot) : plain(''),
    plain(found.role === 'standby' ? lag(found) : ''),
    cell(stateOf(found), wanted.role === 'standby' ? 'streaming' : 'running'),
  ]
}

function stateOf(found: FoundCluster): string {
  if (found.streaming === null) return found.state
  if (found.replay_paused) return 'replay paused'
  return found.streaming ? 'streaming' : 'not streaming'
}

function publicationRows(wanted: WantedCluster, found: FoundCluster): Cell[][] {
  const is = new Map(found.publications.map(({ name, tables }) => [name, listed(tables)]))
  // Tables that the inventory does not list are right as they are.
  const wish = new Map(
    wanted.publications.map(({ name, tables }) => [
      name,
      tables === undefined ? (is.get(name) ?? 'published') : listed(tables),
    ]),
  )
  const names = [...new Set([...wish.keys(), ...is.keys()])]
  return names.map((name) => {
    const state = wish.has(name) ? cell(is.get(name) ?? 'missing', wish.get(name)!) : plain(is.get(name)!)
    return row(`publication ${name}`, { state })
  })
}

function subscriptionRows(wanted: WantedCluster, found: FoundCluster): Cell[][] {
  const isOf = (one: FoundSubscription, wish: WantedSubscription): boolean =>
    one.name === wish.name && one.database === wanted.database
  const unwanted = found.subscriptions.filter((one) => !wanted.subscriptions.some((wish) => isOf(one, wish)))
  return [
    ...wanted.subscriptions.map((wish) => {
      const one = found.subscriptions.find((candidate) => isOf(candidate, wish))
      return row(`subscription ${wish.name}`, {
        upstream: cell(one ? one.publisher : null, wish.publisher),
        slot: cell(one ? one.slot : null, wish.slot),
        lag: one && plain(lag(one)),
        state: cell(one ? health(one) : 'missing', 'ready'),
      })
    }),
    ...unwanted.map((one) =>
      row(`subscription ${one.name}`, {
        upstream: plain(one.publisher ?? ''),
        slot: plain(one.slot ?? ''),
        lag: plain(lag(one)),
        state: cell(health(one), null),
      }),
    ),
  ]
}

function health({ enabled, running, tables }: FoundSubscription): string {
  if (!enabled) return 'disabled'
  if (!running) return 'no worker'
  const states = Object.values(tables ?? {})
  const ready = states.filter((state) => state === 'r').length
  return ready === states.length ? 'ready' : `${ready} of ${states.length} tables ready`
}

/** Slots that are as they should be show in the line of the one that streams from them. */
function slotRows(wanted: WantedCluster, found: FoundCluster): Cell[][] {
  const needed = wanted.slots.filter(({ type }) => type === 'physical' || found.role === 'primary')
  const others = found.slots.filter((slot) => !needed.some(({ name }) => name === slot.name))
  return [
    ...needed.flatMap(({ name }) => {
      const slot = found.slots.find((one) => one.name === name)
      const state = slot ? use(slot) : 'missing'
      return state === 'active' ? [] : [row(`slot ${name}`, { state: cell(state, 'active') })]
    }),
    ...others.map((slot) =>
      row(`slot ${slot.name}`, {
        state: { text: use(slot), differs: !slot.active && !slot.kept && slot.retained_bytes !== null },
      }),
    ),
  ]
}

function use({ active, wal_status, retained_bytes, kept }: FoundSlot): string {
  if (wal_status === 'lost') return 'lost'
  if (kept) return 'kept'
  if (active) return 'active'
  return retained_bytes === null ? 'inactive' : `inactive, holds ${size(retained_bytes)}`
}

const row = (
  name: string,
  { upstream, slot, lag: behind, state }: { upstream?: Cell; slot?: Cell; lag?: Cell; state: Cell },
): Cell[] => {
  const none = plain('')
  return [plain(`  ${name}`), none, none, upstream ?? none, slot ?? none, behind ?? none, state]
}

function lag({ lag_bytes, lag_seconds }: Lag): string {
  if (lag_bytes === null && lag_seconds === null) return '?'
  return `${lag_bytes === null ? '?' : size(lag_bytes)}, ${lag_seconds === null ? '?' : duration(lag_seconds)}`
}

const listed = (tables: readonly string[] | null): string => tables?.map(short).join(', ') ?? 'all tables'

const short = (table: string): string => table.replace(/^public\./, '')
