import type { Random } from './random.ts'

export const KINDS = [
  'site',
  'switchover',
  'failover',
  'rejoin',
  'kill',
  'power',
  'cut',
  'reboot',
  'mistake',
] as const
export type Kind = (typeof KINDS)[number]

/** Roles are meant, where the pair may be either way round. */
const PLACES = ['vm1', 'vm2', 'primary', 'standby'] as const
export type Place = (typeof PLACES)[number]

/** What runs while something happens; `standby` is site.yaml where the standby is to be built. */
const UNDER_WAY = ['switchover', 'failover', 'rejoin', 'standby'] as const
export type UnderWay = (typeof UNDER_WAY)[number]

export const MISTAKES = ['exchanged', 'one-address', 'shrinks', 'other-cluster', 'removed'] as const
/** Those that can do nothing while a former primary is still to be rejoined. */
const REFUSED = ['exchanged', 'one-address', 'other-cluster'] as const satisfies readonly Mistake[]
export type Mistake = (typeof MISTAKES)[number]

/** One step, whole: it can be read from a file and done again. */
export interface Step {
  kind: Kind
  /** The playbook during which it happens; left out: between two runs. */
  during?: UnderWay
  /** The step of that playbook at which it happens. */
  point?: number
  /** Of kill: kill, kill within, or a signal. Of failover: how the primary is taken away. */
  how?: string
  place?: Place
  peer?: Place
  /** How long a network is cut. */
  seconds?: number
  mistake?: Mistake
  /** Of a mistake: --check is tried, not the run. */
  check?: boolean
  /** Of a removed host: which. Of failover: whether the old primary comes back before it is rejoined. */
  back?: boolean
}

const WEIGHTS: Record<Kind, number> = {
  site: 8,
  switchover: 10,
  failover: 10,
  rejoin: 3,
  kill: 14,
  power: 13,
  cut: 14,
  reboot: 12,
  mistake: 16,
}
/** After a failover, before the old primary is rejoined: what is tried in that state. */
const HALF: Record<Kind, number> = {
  site: 6,
  switchover: 0,
  failover: 0,
  rejoin: 64,
  kill: 12,
  power: 0,
  cut: 6,
  reboot: 8,
  mistake: 4,
}
/** About as many steps as each has. */
const STEPS: Record<UnderWay, number> = { switchover: 21, failover: 16, rejoin: 12, standby: 22 }

/** @param half whether a former primary is still to be rejoined @param without kinds and mistakes to leave out */
export function choose(random: Random, half: boolean, without: ReadonlySet<string>): Step {
  const weights = Object.fromEntries(
    Object.entries(half ? HALF : WEIGHTS).map(([kind, weight]) => [kind, without.has(kind) ? 0 : weight]),
  ) as Record<Kind, number>
  const kind = random.weighted(weights)
  const during = half ? 'rejoin' : random.one(UNDER_WAY.filter((name) => name !== 'rejoin'))
  const at = { during, point: random.whole(1, STEPS[during]) } as const
  switch (kind) {
    case 'site':
    case 'switchover':
      return { kind }
    case 'rejoin':
      return { kind, how: random.one(['rewind', 'rewind', 'copy']) }
    case 'failover':
      return { kind, how: random.one(['stop', 'crash', 'power', 'recovering']), back: random.chance(0.5) }
    case 'kill':
      return { kind, ...at, how: random.one(['kill', 'kill', 'kill within', 'SIGTERM', 'SIGHUP', 'SIGINT']) }
    case 'power':
      return { kind, place: random.one(PLACES), ...(random.chance(0.6) ? at : {}) }
    case 'cut': {
      const [place, peer] = [random.one(PLACES), random.one(PLACES)]
      const who = peer === place || random.chance(0.4) ? { place } : { place, peer }
      return { kind, ...who, seconds: random.whole(2, 6), ...(random.chance(0.5) && !half ? { during } : {}) }
    }
    case 'reboot':
      return { kind, place: random.one(PLACES) }
    case 'mistake': {
      const mistake = random.one((half ? REFUSED : MISTAKES).filter((name) => !without.has(name)))
      return {
        kind,
        mistake,
        check: random.chance(0.3),
        ...(mistake === 'removed' ? { place: random.one(['standby', 'vm2'] as const) } : {}),
      }
    }
  }
}
