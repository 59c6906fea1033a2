import { createHash } from 'node:crypto'

/** Numbers from 0 to below 1, the same for the same seed. */
export function generator(seed: number | string): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    return createHash('sha256').update(`${seed}/${drawn}`).digest().readUInt32BE() / 2 ** 32
  }
}

export const pickFrom = <T>(all: readonly T[], next: () => number): T => all[Math.floor(next() * all.length)]!
