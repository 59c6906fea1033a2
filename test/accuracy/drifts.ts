import { access } from './drifts/access.ts'
import type { Drift } from './drifts/act.ts'
import { clusters } from './drifts/clusters.ts'
import { machines } from './drifts/machines.ts'
import { objects } from './drifts/objects.ts'
import { settings } from './drifts/settings.ts'
import { tls } from './drifts/tls.ts'
import { generator, pickFrom } from './random.ts'

export type { Act, Drift } from './drifts/act.ts'

export const drifts: readonly Drift[] = [...settings, ...access, ...objects, ...clusters, ...machines, ...tls]

/** Two drifts at once, chosen by the seed: the same seed names the same pairs. */
export function pairsOf(all: readonly Drift[], count: number, seed: number): Drift[] {
  const next = generator(seed)
  const pick = () => pickFrom(all, next)
  return Array.from({ length: count }, () => {
    const first = pick()
    let second = pick()
    while (second === first) second = pick()
    const undo = [...(first.undo ?? []), ...(second.undo ?? [])]
    const beyond = first.beyond ?? second.beyond
    return {
      name: `${first.name}+${second.name}`,
      apply: [...first.apply, ...second.apply],
      ...(undo.length > 0 ? { undo } : {}),
      ...(beyond === undefined ? {} : { beyond }),
    }
  })
}
