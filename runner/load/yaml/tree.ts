import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Range, type Scalar } from 'yaml'
import { PlayError, type Pos } from '../../errors.ts'
import type { Located } from '../types.ts'
import { VaultValue } from '../vault/vault-value.ts'
import { mayDiffer, readAsFirstEdition } from './first-edition.ts'
import type { Source } from './source.ts'
import { bracesError } from './syntax.ts'
import { VAULT_TAGS } from './tags.ts'

/** Where a value stands, and its parts. */
interface Spot {
  value: unknown
  range: readonly [start: number, end: number]
  key?: readonly [start: number, end: number]
  children?: Map<string, Spot>
}

/** What aliases may expand to, so that a few lines cannot fill the memory. */
const MAX_ALIASED = 100_000

/** Plain data with the place of each part. Errors: duplicate keys, keys that are no text, `{{ x }}` without quotes. */
export function buildTree(
  source: Source,
  contents: unknown,
  isJinja: () => boolean,
): { root: Spot; errors: PlayError[] } {
  const builder = new Builder(source, isJinja)
  const root = builder.build(contents, [0, 0])
  return { root, errors: builder.errors }
}

export function locatedAt(source: Source, root: Spot): Located {
  const find = (path: readonly (string | number)[]): Spot => {
    let spot = root
    for (const step of path) {
      const child = spot.children?.get(String(step))
      if (!child) break
      spot = child
    }
    return spot
  }
  const whole = ({ range, key }: Spot): Pos => {
    // Nothing stands where the value is left out, so the key is shown.
    if (range[0] < range[1]) return source.pos(range[0], range[1])
    return key ? source.pos(key[0], key[1]) : source.before(range[0])
  }
  return {
    value: root.value,
    locate: (path = []) => whole(find(path)),
    locateKey: (path) => {
      const spot = find(path)
      return spot.key ? source.pos(...spot.key) : whole(spot)
    },
  }
}

class Builder {
  readonly errors: PlayError[] = []
  readonly #anchors = new Map<string, Node>()
  readonly #open = new Set<Node>()
  #aliased = 0
  #aliasDepth = 0
  /** What Ansible reads, it reads with PyYAML. */
  readonly #isFirstEdition: boolean

  constructor(
    readonly source: Source,
    isJinja: () => boolean,
  ) {
    this.#isFirstEdition = mayDiffer(source.text) && isJinja()
  }

  build(node: unknown, fallback: readonly [number, number]): Spot {
    if (this.#aliasDepth > 0 && ++this.#aliased > MAX_ALIASED) return { value: null, range: fallback }
    if (isAlias(node)) return this.#follow(node.source, rangeOf(node, fallback))
    const range = rangeOf(node, fallback)
    if (isScalar(node)) return { value: this.#scalar(node, range), range: this.#contentOf(node, range) }
    if (isMap(node)) return this.#within(node, range, () => this.#map(node.items, range, node.flow))
    if (isSeq(node)) return this.#within(node, range, () => this.#list(node.items, range))
    return { value: null, range }
  }

  #within(node: Node & { anchor?: string }, range: Spot['range'], build: () => Spot): Spot {
    if (this.#open.has(node)) return this.#fail('this alias stands inside what it repeats', range)
    this.#open.add(node)
    // Set before its content, so that an alias inside is told from an unknown one.
    if (node.anchor) this.#anchors.set(node.anchor, node)
    const spot = build()
    this.#open.delete(node)
    return spot
  }

  #scalar(node: Scalar, range: Spot['range']): unknown {
    if (node.anchor) this.#anchors.set(node.anchor, node)
    if (node.tag && VAULT_TAGS.includes(node.tag)) {
      const tag = this.source.text.lastIndexOf(node.tag, range[0])
      return this.#vaultValue(String(node.value), [tag, tag + node.tag.length])
    }
    const { value, source } = node
    if (this.#isFirstEdition && node.type === 'PLAIN' && !node.tag && source !== undefined) {
      const older = readAsFirstEdition(source)
      if (older !== undefined) return older
    }
    // 0644 is 420 in YAML 1.1 and 644 in 1.2; whoever writes it means its digits.
    if (typeof value !== 'string' && source !== undefined && /^[-+]?0[0-9]+$/.test(source)) return source
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value
    return this.#fail('the tag of this value is not supported', range, 'remove the tag, or quote the value')
      .value
  }

  #vaultValue(text: string, range: Spot['range']): VaultValue | null {
    try {
      return new VaultValue(text, this.source.pos(...range))
    } catch (error) {
      if (!(error instanceof PlayError)) throw error
      this.errors.push(error)
      return null
    }
  }

  /** Inside the quotes, or on the first line of a block: there an offset into the text is an offset into the file. */
  #contentOf(node: Scalar, [start, end]: Spot['range']): Spot['range'] {
    if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
      return end - start > 2 ? [start + 1, end - 1] : [start, end]
    if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return [start, end]
    const header = /^.*\n\s*/.exec(this.source.text.slice(start, end))
    return header && start + header[0].length < end ? [start + header[0].length, end] : [start, end]
  }

  #list(items: unknown[], range: Spot['range']): Spot {
    const children = new Map<string, Spot>()
    const value = items.map((item, index) => {
      const spot = isPair(item) ? this.#map([item], range) : this.build(item, range)
      children.set(String(index), spot)
      return spot.value
    })
    return { value, range, children }
  }

  #map(items: unknown[], range: Spot['range'], flow = false): Spot {
    const [start, end] = range
    const text = this.source.text.slice(start, end)
    if (flow && text.startsWith('{{')) {
      this.errors.push(bracesError(this.source, start, text))
      return { value: null, range }
    }
    const own = new Map<string, Spot>()
    const merged = new Map<string, Spot>()
    for (const pair of items) {
      if (!isPair(pair)) continue
      const keyRange = rangeOf(pair.key, range)
      const child = this.build(pair.value, [keyRange[1], keyRange[1]])
      const key = this.#key(pair.key, keyRange)
      if (key === '<<' && isPlain(pair.key)) this.#merge(child, merged)
      else if (key !== undefined) this.#put(own, key, { ...child, key: keyRange })
    }
    const children = new Map([...merged, ...own])
    // What ansible-inventory and JSON have in the place of the tag.
    const encrypted = children.size === 1 ? children.get('__ansible_vault')?.value : undefined
    if (typeof encrypted === 'string') return { value: this.#vaultValue(encrypted, range), range }
    return {
      value: Object.fromEntries([...children].map(([key, spot]) => [key, spot.value])),
      range,
      children,
    }
  }

  #put(own: Map<string, Spot>, key: string, child: Spot): void {
    const first = own.get(key)
    if (!first) own.set(key, child)
    else {
      const { line } = this.source.pos(first.key![0])
      this.#fail(
        `the key ${key} stands twice in one mapping; the first is on line ${line}`,
        child.key!,
        'remove or rename one of them',
      )
    }
  }

  #key(node: unknown, range: Spot['range']): string | undefined {
    const scalar = isAlias(node) ? this.#anchors.get(node.source) : node
    if (scalar === null) return 'null'
    if (isScalar(scalar))
      return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value))
    const text = this.source.text.slice(...range)
    if (text.startsWith('{{')) this.errors.push(bracesError(this.source, range[0], text))
    else this.#fail('a key must be text, not a list or mapping', range)
    return undefined
  }

  /** Merge keys (yaml.org/type/merge.html): what is written wins, then the earlier of several. */
  #merge(from: Spot, merged: Map<string, Spot>): void {
    for (const spot of Array.isArray(from.value) ? (from.children?.values() ?? []) : [from]) {
      if (!spot.children || Array.isArray(spot.value)) {
        this.#fail('<< merges mappings, but this is none', spot.range, 'name an anchor: <<: *defaults')
        continue
      }
      for (const [key, child] of spot.children) if (!merged.has(key)) merged.set(key, child)
    }
  }

  #follow(name: string, range: Spot['range']): Spot {
    const target = this.#anchors.get(name)
    if (!target)
      return this.#fail(`no anchor &${name} stands before this alias`, range, 'quote the value if * is meant')
    this.#aliasDepth++
    const spot = this.build(target, range)
    this.#aliasDepth--
    if (
      this.#aliased > MAX_ALIASED &&
      this.#aliasDepth === 0 &&
      !this.errors.some((e) => e.message === TOO_MANY)
    )
      return this.#fail(TOO_MANY, range)
    return this.#open.has(target) ? { value: null, range } : spot
  }

  #fail(message: string, range: Spot['range'], hint?: string): Spot {
    this.errors.push(new PlayError('yaml', message, { pos: this.source.pos(...range), hint }))
    return { value: null, range }
  }
}

const TOO_MANY = `aliases expand to more than ${MAX_ALIASED} values`

const isPlain = (node: unknown): boolean => isScalar(node) && node.type === 'PLAIN'

function rangeOf(node: unknown, fallback: readonly [number, number]): readonly [number, number] {
  const range = (node as { range?: Range | null } | null)?.range
  return range ? [range[0], range[1]] : fallback
}
