import { requireLength, spend } from '../budget.ts'
import { OMIT } from '../template.ts'
import type { Frame } from './frame.ts'
import { Dict, dictOf, entries, isDict, str, Undefined } from './value.ts'

export type Eval = (frame: Frame) => unknown

/** How a statement ended: undefined is to go on. */
export type Leave = 'break' | 'continue' | undefined

export type Exec = (frame: Frame, out: Out) => Leave

/** What a template prints: texts and values, joined at last. */
export class Out {
  readonly parts: unknown[] = []
  #length = 0
  #muted = false

  push(value: unknown): void {
    if (this.#muted) return
    if (typeof value === 'string') {
      this.#length += value.length
      requireLength(this.#length)
    }
    this.parts.push(value)
  }

  /** What a template prints beside the blocks of the one that it extends. */
  mute(): void {
    this.#muted = true
  }

  unmute(): void {
    this.#muted = false
  }

  get isMuted(): boolean {
    return this.#muted
  }

  /** One value alone keeps its type; None prints nothing; several are text. */
  joined(): unknown {
    const parts = this.parts.filter((part) => part !== null && part !== undefined)
    if (parts.length === 0) return null
    if (parts.length === 1) return parts[0]
    const undefinedPart = parts.find((part) => part instanceof Undefined)
    if (undefinedPart) return undefinedPart
    let text = ''
    for (const part of parts) {
      if (part === OMIT) continue
      text += typeof part === 'string' ? part : str(finalized(part))
      requireLength(text.length)
    }
    return text
  }
}

/** As Ansible prints what stands in text: tuples as lists, without what is omitted. */
export function finalized(value: unknown): unknown {
  if (Array.isArray(value)) {
    spend(value.length >> 3)
    return [...value].filter((item) => item !== OMIT).map(finalized)
  }
  if (!isDict(value)) return value
  const kept = entries(value).filter(([, item]) => item !== OMIT)
  const pairs = kept.map(([key, item]) => [key, finalized(item)] as const)
  return value instanceof Dict ? new Dict(pairs) : dictOf(pairs)
}
