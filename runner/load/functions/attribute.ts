import { Undefined } from '../jinja/value.ts'
import type { FunctionCall } from './function.ts'

/** What Jinja's `attribute='a.b.0'` gets of an element: Undefined where there is none and no default. */
export function attributeOf(
  value: unknown,
  attribute: unknown,
  call: FunctionCall,
  fallback: unknown = null,
): unknown {
  if (attribute === null) return value
  const parts = typeof attribute === 'string' ? attribute.split('.').map(asIndex) : [attribute as number]
  let found = value
  for (const part of parts) {
    call.spend(1)
    found = call.attribute(found, part)
    if (found instanceof Undefined && fallback !== null) found = fallback
  }
  return found
}

const asIndex = (part: string): string | number => (/^[0-9]+$/.test(part) ? Number(part) : part)

/** Texts compare without case where nothing else is said. */
export const ignoringCase = (value: unknown): unknown =>
  typeof value === 'string' ? value.toLowerCase() : value
