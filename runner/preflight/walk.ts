import type { Block, Entry, IncludeTasks } from '../load/types.ts'

/** What an entry stands in, outermost first. */
export type Above = readonly (Block | IncludeTasks)[]

/** Every entry with what is inside it, in order. */
export function* walk(
  entries: readonly Entry[],
  above: Above = [],
): Generator<{ entry: Entry; above: Above }> {
  for (const entry of entries) {
    yield { entry, above }
    if (entry.kind === 'block')
      yield* walk([...entry.block, ...entry.rescue, ...entry.always], [...above, entry])
    if (entry.kind === 'include') yield* walk(entry.entries ?? [], [...above, entry])
  }
}
