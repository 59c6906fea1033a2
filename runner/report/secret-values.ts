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
  visit(value, name, isSecretName(name), { found, inTexts })
}

/** Lists and mappings inside each other that are looked through and shown. */
export const DEEPEST = 200

interface Walk {
  found: (secret: string) => void
  /** They are the user's texts, not what hosts said: those may say anything, and are never templates. */
  inTexts: boolean
}

/** A container on the way to a value; the outermost last. */
export interface Above {
  value: object
  next?: Above
  /** How many are above it, and itself. */
  depth: number
}

/** @param name what it stands under @param secret whether it is one, by that name or that of what it is in */
function visit(value: unknown, name: string, secret: boolean, walk: Walk, above?: Above): void {
  if (typeof value === 'string') {
    if (walk.inTexts && isTemplate(value)) return
    if (secret && !isNoSecret(name, value)) walk.found(value)
    else if (walk.inTexts) for (const inner of secretsIn(value)) addDecoded(inner, walk.found)
  } else if (typeof value === 'number' || typeof value === 'bigint') {
    if (secret) walk.found(String(value))
  } else if (isContainer(value) && (above?.depth ?? 0) < DEEPEST && !isWithin(value, above)) {
    const within = { value, next: above, depth: (above?.depth ?? 0) + 1 }
    if (Array.isArray(value)) for (const item of value) visit(item, name, secret, walk, within)
    else if (Object.getPrototypeOf(value) === null)
      for (const [key, item] of settledOf(value))
        visit(item, key, isSecretEntry(key, secret, value), walk, within)
    else
      for (const key of Object.keys(value))
        visit(value[key], key, isSecretEntry(key, secret, value), walk, within)
  }
}

export function isWithin(value: object, above: Above | undefined): boolean {
  for (let one = above; one; one = one.next) if (one.value === value) return true
  return false
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
