import { types } from 'node:util'
import { isNoSecret, isSecretName, PLAIN_KEYS } from './secret-names.ts'
import { secretsIn } from './secret-texts.ts'

/**
 * Calls `found` with each text and number that is a secret by the name it stands under, at any depth, and with those
 * that texts carry, such as a connection string's password.
 * @param name what bears the value
 * @param options.inTexts whether they are the user's texts, which may be templates, and are looked into
 */
export function eachSecret(
  name: string,
  value: unknown,
  found: (secret: string) => void,
  { inTexts = true } = {},
): void {
  visit(value, { name, secret: isSecretName(name) }, { found, inTexts, above: new Set() })
}

/** Lists and mappings inside each other that are looked through and shown. */
export const DEEPEST = 200

interface Walk {
  found: (secret: string) => void
  /** They are the user's texts, not what hosts said: those may say anything, and are never templates. */
  inTexts: boolean
  /** Containers on the way to the value. */
  above: Set<unknown>
}

function visit(value: unknown, under: { name: string; secret: boolean }, walk: Walk): void {
  const { name, secret } = under
  if (typeof value === 'string') {
    if (walk.inTexts && isTemplate(value)) return
    if (secret && !isNoSecret(name, value)) walk.found(value)
    else if (walk.inTexts) for (const inner of secretsIn(value)) addDecoded(inner, walk.found)
  } else if (typeof value === 'number' || typeof value === 'bigint') {
    if (secret) walk.found(String(value))
  } else if (isContainer(value) && !walk.above.has(value) && walk.above.size < DEEPEST) {
    walk.above.add(value)
    if (Array.isArray(value)) for (const item of value) visit(item, under, walk)
    else
      for (const [key, item] of entriesOf(value))
        visit(item, { name: key, secret: isSecretEntry(key, secret, value) }, walk)
    walk.above.delete(value)
  }
}

/** It is made known when it is rendered. */
const isTemplate = (text: string): boolean => text.includes('{{') && text.includes('}}')

/**
 * Whether what stands under a key is a secret: by the key, by that of the mapping around it, or as `value` beside a
 * `name` that says so.
 */
export function isSecretEntry(
  key: string,
  within: boolean,
  mapping: Readonly<Record<string, unknown>>,
): boolean {
  if (isSecretName(key)) return true
  if (within) return !PLAIN_KEYS.has(key.toLowerCase())
  return key === 'value' && typeof mapping.name === 'string' && isSecretName(mapping.name)
}

/** Variables that are worked out when they are read are made known when they are: see load/scope.ts. */
const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !types.isProxy(value) && isPlainOrList(value)

function isPlainOrList(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Array.isArray(value)
}

/** Without those that have to be worked out, which only mappings of the runner's own have (hostvars). */
const entriesOf = (value: object): [string, unknown][] =>
  Object.getPrototypeOf(value) === null ? settledOf(value) : Object.entries(value)

const settledOf = (value: object): [string, unknown][] =>
  Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([key, { enumerable, value }]) =>
    enumerable && value !== undefined ? [[key, value] as [string, unknown]] : [],
  )

/** A URL's password stands there in its encoded form. Short ones may be no password at all: the text is hidden as it is. */
function addDecoded(text: string, found: (secret: string) => void): void {
  if (text.length < SHORTEST_IN_TEXTS) return
  found(text)
  try {
    found(decodeURIComponent(text))
  } catch {
    // It is in no URL, then.
  }
}

const SHORTEST_IN_TEXTS = 6
