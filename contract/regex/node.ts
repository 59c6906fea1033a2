import type { CharacterSet } from './character-set.ts'

/** A parsed pattern. */
export type Node =
  | { is: 'character'; set: CharacterSet }
  | { is: 'sequence'; parts: Node[] }
  | { is: 'choice'; of: Node[] }
  /** `index` is undefined where nothing is captured. */
  | { is: 'group'; index: number | undefined; body: Node }
  | { is: 'atomic'; body: Node }
  | { is: 'repeat'; body: Node; least: number; most: number; mode: 'greedy' | 'lazy' | 'possessive' }
  | { is: 'place'; place: Place; ascii: boolean }
  | { is: 'back'; group: number; ignoreCase: boolean; ascii: boolean }
  /** `behind` is how many characters it looks back. */
  | { is: 'look'; behind: number | undefined; not: boolean; body: Node }
  | { is: 'conditional'; group: number; yes: Node; no: Node }

export type Place = 'start' | 'line-start' | 'end' | 'before-end' | 'line-end' | 'boundary' | 'no-boundary'

export interface Pattern {
  body: Node
  /** How many groups capture. */
  groups: number
  names: ReadonlyMap<string, number>
}

/** What is wrong with a pattern or a replacement. */
export class PatternFault extends Error {
  override name = 'PatternFault'
  /** @param at how many characters are before it */
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message)
  }
}

/** The fewest and the most characters that it matches. */
export function widthOf(
  node: Node,
  groups: ReadonlyMap<number, readonly [number, number]>,
): [number, number] {
  switch (node.is) {
    case 'character':
      return [1, 1]
    case 'place':
    case 'look':
      return [0, 0]
    case 'group':
    case 'atomic':
      return widthOf(node.body, groups)
    case 'back':
      return [...(groups.get(node.group) ?? [0, 0])]
    case 'repeat': {
      const [least, most] = widthOf(node.body, groups)
      return [least * node.least, most === 0 ? 0 : most * node.most]
    }
    case 'sequence':
      return node.parts
        .map((part) => widthOf(part, groups))
        .reduce(([least, most], [a, b]) => [least + a, most + b], [0, 0])
    case 'choice':
    case 'conditional': {
      const widths = (node.is === 'choice' ? node.of : [node.yes, node.no]).map((one) => widthOf(one, groups))
      return [Math.min(...widths.map(([least]) => least)), Math.max(...widths.map(([, most]) => most))]
    }
  }
}
