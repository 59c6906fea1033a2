import { PlayError, type Pos } from '../errors.ts'
import { COMPUTED } from './computed.ts'
import { containsTemplate, OMIT, renderAt, rootsOf } from './template.ts'
import type { Vars } from './types.ts'

/** Variables of one origin. */
export interface Layer {
  /** Must not change once a scope over it was read, unless it is data. */
  vars: Vars
  /** What hosts said and tasks set: never a template. Otherwise texts with {{ }} are rendered on first access. */
  data: boolean
  /** Where a variable was set, for errors. */
  locate?: (name: string) => Pos | undefined
}

/**
 * The variables as templates and conditions see them: own enumerable properties of an object without prototype,
 * each worked out when it is first read. Also answers `vars`, the scope itself, and `omit`.
 */
export type Scope = Readonly<Record<string, unknown>>

/**
 * @param layers lowest precedence first
 * @param onRender told of each variable that a template made
 * Reading a variable throws PlayError 'variable' where variables refer to each other in a circle, and what rendering throws.
 */
export function makeScope(layers: readonly Layer[], onRender?: OnRender): Scope {
  return new Variables(layers, undefined, onRender).scope
}

export type OnRender = (name: string, value: unknown) => void

/** The same with one more layer on top; what its names cannot influence is worked out once for both. */
export function extendScope(base: Scope, vars: Vars, data: boolean, locate?: Layer['locate']): Scope {
  const below = (base as { [VARIABLES]?: Variables })[VARIABLES]
  if (!below)
    return makeScope([
      { vars: base, data: true },
      { vars, data, locate },
    ])
  return new Variables([...below.layers, { vars, data, locate }], below, below.onRender).scope
}

/** A variable as it is written, with nothing rendered; undefined where there is none. */
export function writtenIn(
  scope: Scope,
  name: string,
): { value: unknown; locate?: () => Pos | undefined } | undefined {
  const layer = (scope as { [VARIABLES]?: Variables })[VARIABLES]?.layerOf(name)
  return layer && { value: layer.vars[name], locate: () => layer.locate?.(name) }
}

const VARIABLES = Symbol('variables')

class Variables {
  readonly scope: Scope
  readonly #rendered = new Map<string, unknown>()
  /** Names being rendered, outermost first. */
  readonly #rendering: string[] = []
  readonly #reach = new Map<string, ReadonlySet<string>>()

  constructor(
    readonly layers: readonly Layer[],
    readonly below?: Variables,
    readonly onRender?: OnRender,
  ) {
    this.scope = new Proxy(this, HANDLER) as unknown as Scope
  }

  has(name: string): boolean {
    return name === 'vars' || name === 'omit' || this.layerOf(name) !== undefined
  }

  names(): string[] {
    return [...new Set(this.layers.flatMap(({ vars }) => Object.keys(vars)))]
  }

  read(name: string): unknown {
    if (this.#rendered.has(name)) return this.#rendered.get(name)
    if (name === 'vars') return this.scope
    const layer = this.layerOf(name)
    if (!layer) return name === 'omit' ? OMIT : undefined
    const value = layer.vars[name]
    if (layer.data || !containsTemplate(value)) return value
    if (this.below && layer !== this.layers.at(-1) && !this.#seesTopLayer(name)) return this.below.read(name)
    return this.#render(name, value, layer)
  }

  layerOf(name: string): Layer | undefined {
    for (let index = this.layers.length - 1; index >= 0; index--) {
      const layer = this.layers[index]!
      if (Object.hasOwn(layer.vars, name) && layer.vars[name] !== undefined) return layer
    }
    return undefined
  }

  #render(name: string, value: unknown, layer: Layer): unknown {
    if (this.#rendering.includes(name)) throw this.#cycle(name)
    this.#rendering.push(name)
    try {
      const rendered = renderAt(value, this.scope, [], () => layer.locate?.(name))
      this.#rendered.set(name, rendered)
      this.onRender?.(name, rendered)
      return rendered
    } finally {
      this.#rendering.pop()
    }
  }

  #cycle(name: string): PlayError {
    const circle = this.#rendering.slice(this.#rendering.indexOf(name))
    const pos = this.layerOf(name)?.locate?.(name)
    return circle.length === 1
      ? new PlayError('variable', `the variable ${name} refers to itself`, {
          pos,
          hint: 'give one of them another name',
        })
      : new PlayError('variable', `variables refer to each other: ${[...circle, name].join(' → ')}`, { pos })
  }

  /** Whether a variable from below would render differently with the top layer's names. */
  #seesTopLayer(name: string): boolean {
    const reached = this.below!.#reachOf(name)
    return reached.has('vars') || Object.keys(this.layers.at(-1)!.vars).some((own) => reached.has(own))
  }

  /** All names that rendering a variable may read, through others. */
  #reachOf(name: string): ReadonlySet<string> {
    const known = this.#reach.get(name)
    if (known) return known
    const names = new Set<string>()
    this.#collect(name, names)
    this.#reach.set(name, names)
    return names
  }

  #collect(name: string, into: Set<string>): void {
    const layer = this.layerOf(name)
    if (!layer || layer.data) return
    for (const root of rootsOf(layer.vars[name], () => layer.locate?.(name))) {
      if (into.has(root)) continue
      into.add(root)
      this.#collect(root, into)
    }
  }
}

/** Stateless: the target is the Variables. */
const HANDLER: ProxyHandler<Variables> = {
  get: (variables, key) => {
    if (typeof key === 'string') return variables.read(key)
    if (key === COMPUTED) return true
    return key === VARIABLES ? variables : undefined
  },
  has: (variables, key) => typeof key === 'string' && variables.has(key),
  ownKeys: (variables) => variables.names(),
  getOwnPropertyDescriptor: (variables, key) =>
    typeof key === 'string' && variables.has(key)
      ? { configurable: true, enumerable: true, get: () => variables.read(key) }
      : undefined,
  getPrototypeOf: () => null,
  set: () => false,
  defineProperty: () => false,
  deleteProperty: () => false,
}
