import { quoteConninfo, quoteLiteral, quoteWord } from '../../contract/quote.ts'
import type { Event, Reporter } from './events.ts'

const MASK = '********'
/** Shorter ones stand in too many words to be cut out of text. */
const SHORTEST_INSIDE_TEXT = 4

interface Parents {
  value: object
  next?: Parents
}

/** Knows every secret of a run and hides it wherever it shows, in the forms that quoting and encoding give it. */
export class Masker {
  readonly #whole = new Set<string>()
  readonly #forms = new Set<string>()
  #pattern: RegExp | undefined

  /** A secret of fewer than four characters is hidden only where it is all of a value. */
  add(secret: string): void {
    if (secret.trim() === '' || this.#whole.has(secret)) return
    this.#whole.add(secret)
    for (const form of formsOf(secret)) {
      if (form.length < SHORTEST_INSIDE_TEXT) this.#whole.add(form)
      else if (!this.#forms.has(form)) {
        this.#forms.add(form)
        this.#pattern = undefined
      }
    }
  }

  mask(text: string): string {
    if (this.#whole.size === 0) return text
    if (this.#whole.has(text)) return MASK
    return this.#forms.size === 0 ? text : text.replace(this.#matcher(), MASK)
  }

  /** Texts, keys and numbers in lists and mappings; the value itself where nothing is to hide. */
  maskDeep<T>(value: T): T {
    return this.#whole.size === 0 ? value : (this.#deep(value) as T)
  }

  /** `parents`, the outermost last, are asked where a value holds itself. */
  #deep(value: unknown, parents?: Parents): unknown {
    if (typeof value === 'string') return this.mask(value)
    if (typeof value === 'number' || typeof value === 'bigint')
      return this.#whole.has(String(value)) ? MASK : value
    if (typeof value !== 'object' || value === null) return value
    if (ArrayBuffer.isView(value)) return this.#bytes(value)
    for (let above = parents; above; above = above.next) if (above.value === value) return '(itself)'
    const within = { value, next: parents }
    if (Array.isArray(value)) return this.#list(value, within)
    return isPlain(value) ? this.#mapping(value as Record<string, unknown>, within) : value
  }

  #list(value: readonly unknown[], within: Parents): unknown {
    let masked: unknown[] | undefined
    for (const [index, item] of value.entries()) {
      const own = this.#deep(item, within)
      if (own === item) continue
      masked ??= [...value]
      masked[index] = own
    }
    return masked ?? value
  }

  #mapping(value: Record<string, unknown>, within: Parents): unknown {
    let differs = false
    const masked = Object.entries(value).map(([key, item]): [string, unknown] => {
      const own: [string, unknown] = [this.mask(key), this.#deep(item, within)]
      differs ||= own[0] !== key || own[1] !== item
      return own
    })
    return differs ? Object.fromEntries(masked) : value
  }

  #bytes(value: ArrayBufferView): unknown {
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
    const masked = this.mask(text)
    return masked === text ? value : masked
  }

  /** The longest first, so that a secret that holds another is hidden whole. */
  #matcher(): RegExp {
    const sorted = () => [...this.#forms].sort((a, b) => b.length - a.length)
    this.#pattern ??= new RegExp(sorted().map(escapeRegExp).join('|'), 'g')
    return this.#pattern
  }
}

/** Hides secrets in every event before `inner` sees it. */
export function maskingReporter(inner: Reporter, masker: Masker): Reporter {
  return {
    report: (event) => inner.report(maskEvent(event, masker)),
    close: () => inner.close(),
  }
}

function maskEvent(event: Event, masker: Masker): Event {
  // Hosts' names and counts alone.
  if (event.event === 'recap') return event
  const { event: name } = event
  const masked = masker.maskDeep(event)
  if (masked === event) return event
  if (event.event === 'task_result') {
    const { status, kind, host, module, duration_ms } = event
    return { ...masked, event: name, status, kind, host, module, duration_ms } as Event
  }
  if (event.event === 'task_start') return { ...masked, event: name, kind: event.kind } as Event
  return { ...masked, event: name } as Event
}

function formsOf(secret: string): string[] {
  const lines = secret.includes('\n') ? secret.split('\n').filter((line) => line.trim().length >= 8) : []
  return [secret, secret.trim(), ...lines]
    .filter((text) => text !== '')
    .flatMap((text) => [
      text,
      JSON.stringify(text).slice(1, -1),
      ...(text.includes('\0')
        ? []
        : [quoteWord, quoteLiteral, quoteConninfo].map((quote) => unquoted(quote(text)))),
      ...urlForms(text),
      ...base64Forms(text),
    ])
}

const unquoted = (text: string): string => text.replace(/^(?: E)?'(.*)'$/s, '$1')

function urlForms(text: string): string[] {
  try {
    const encoded = encodeURIComponent(text)
    return [encoded, encoded.replaceAll('%20', '+')]
  } catch {
    // A lone surrogate has no URL form.
    return []
  }
}

/** Whole, and as it looks inside a longer encoded text such as `user:password`, at each of the three alignments. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text)
  const inner = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const whole = Math.floor(((shift + bytes.length) * 8) / 6)
    return encoded.slice(Math.ceil((shift * 8) / 6), whole)
  })
  return [bytes.toString('base64'), bytes.toString('base64url'), ...inner.filter((form) => form.length >= 6)]
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
