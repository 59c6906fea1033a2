/** Facts about a host, and what is planned of them. A key says which fact, and of which type. */

declare const VALUE: unique symbol
declare const MADE: unique symbol

/** Which fact: its kind, and the parts that tell it from others of its kind. */
export interface FactName {
  readonly kind: string
  readonly parts: readonly string[]
  /** The last part; '' where there is none. */
  readonly name: string
  /** Kind and parts in one text, another one for every other list of them: `role/15/main/app`. */
  readonly text: string
}

/** A key made by what `defineFact` returns, and by nothing else. `T`: what is read, and may be predicted, under it. */
export interface FactKey<T> extends FactName {
  readonly [VALUE]: (value: T) => T
}

/** All keys of a kind whose parts begin so. */
export interface FactGroup<T> {
  readonly kind: string
  readonly parts: readonly string[]
  readonly [VALUE]: (value: T) => T
}

type Parts = readonly string[]

/** Makes the keys of a kind of facts. */
export interface Fact<T, P extends Parts = [name: string]> {
  (...parts: P): FactKey<T>
  /** All those whose parts begin so. */
  under(...first: Parts): FactGroup<T>
  /** Whether a key is of this kind. */
  has(key: FactName): key is FactKey<T>
}

const kinds = new Set<string>()

/**
 * A kind of facts: `const packageKey = defineFact<Package>('package')`, then `packageKey('curl')`. The type's second
 * parameter names the parts, where it is not a name alone: `defineFact<Cluster, [version: string, name: string]>`.
 * @param kind a word of its own
 * @throws {Error} where another kind has it: their values may be of another type
 */
export function defineFact<T extends NonNullable<unknown> | null, P extends Parts = [name: string]>(
  kind: string,
): Fact<T, P> {
  if (kinds.has(kind) || kind.includes('/'))
    throw new Error(`'${kind}' cannot be the name of a kind of facts`)
  kinds.add(kind)
  const key = (...parts: P) =>
    ({
      kind,
      parts,
      name: parts.at(-1) ?? '',
      text: [kind, ...parts.map(escaped)].join('/'),
    }) as FactName as FactKey<T>
  return Object.assign(key, {
    under: (...first: Parts) => ({ kind, parts: first }) as FactGroup<T>,
    has: (other: FactName): other is FactKey<T> => other.kind === kind,
  })
}

/** Without the slash that stands between parts. */
const escaped = (part: string): string => part.replaceAll('%', '%25').replaceAll('/', '%2F')

export const isIn = ({ kind, parts }: FactName, group: Pick<FactGroup<unknown>, 'kind' | 'parts'>): boolean =>
  kind === group.kind && group.parts.every((part, at) => part === parts[at])

/** What a fact will be once a plan's steps have run; made by `predict` and `withdraw`. */
export interface Prediction {
  readonly key: FactName
  /** undefined: what was predicted counts no more. */
  readonly value: unknown
  readonly [MADE]: true
}

/** A prediction with the type of its key. */
export interface Predicted<T> {
  readonly key: FactName
  readonly value: T
}

/** What a later task reads under the key, should the steps run. */
export const predict = <T>(key: FactKey<T>, value: NoInfer<T>): Prediction => made({ key, value })

/** Whatever was predicted under the key counts no more: the host is read. */
export const withdraw = (key: FactName): Prediction => made({ key, value: undefined })

const made = (prediction: Pick<Prediction, 'key' | 'value'>): Prediction => prediction as Prediction
