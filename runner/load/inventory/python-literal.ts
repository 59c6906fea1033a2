/**
 * What an INI value means. Ansible reads values in INI inventories as Python literals, and as text where they are none
 * (Ansible, "INI inventory: values passed in"): `5`, `True`, `['a', 'b']` and `{'k': 1}` are typed, `true`, `0644` and
 * `10.0.0.1` are text. Integers beyond 2^53 are BigInt; tuples are lists; sets, bytes and complex numbers stay text.
 */
export function parseValue(text: string): unknown {
  const reader = new Reader(text)
  try {
    return reader.whole()
  } catch (error) {
    if (error === NO_LITERAL) return text
    throw error
  }
}

/** One for all: thousands of values are no literals, and a stack each would cost more than the parsing. */
const NO_LITERAL = new Error('no literal')

const MAX_DEPTH = 50
const FLOAT = /[-+]?\s*(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*|\d[\d_]*(?=[eE]))(?:[eE][-+]?\d+)?/y
const INTEGER = /([-+]?)\s*(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|0+|[1-9]\d*(?:_\d+)*)/y
const WORD = /[A-Za-z_]\w*/y
const STRING = /([uUrR]?)('[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")/y
const WORDS: Record<string, unknown> = { True: true, False: false, None: null }
/** What a letter behind a backslash stands for (Python, String and Bytes literals). */
export const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

class Reader {
  #at = 0
  #depth = 0
  constructor(readonly text: string) {}

  /** One value, or several with commas between, which make a tuple. */
  whole(): unknown {
    const first = this.#value()
    const all = [first]
    let tuple = false
    while (this.#take(',')) {
      tuple = true
      if (this.#ended()) break
      all.push(this.#value())
    }
    if (!this.#ended()) throw NO_LITERAL
    return tuple ? all : first
  }

  #value(): unknown {
    this.#space()
    if (++this.#depth > MAX_DEPTH) throw NO_LITERAL
    const value = this.#one()
    this.#depth--
    return value
  }

  #one(): unknown {
    if (this.#take('[')) return this.#list(']').items
    if (this.#take('(')) {
      const { items, commas } = this.#list(')')
      return items.length === 1 && commas === 0 ? items[0] : items
    }
    if (this.#take('{')) return this.#mapping()
    const string = this.#match(STRING)
    if (string) return this.#strings(string)
    const float = this.#match(FLOAT)
    if (float) return finite(float[0])
    const integer = this.#match(INTEGER)
    if (integer) return whole(integer[1]!, integer[2]!)
    const word = this.#match(WORD)?.[0] ?? ''
    if (!Object.hasOwn(WORDS, word)) throw NO_LITERAL
    return WORDS[word]
  }

  /** Neighbouring strings are one. */
  #strings(first: RegExpExecArray): string {
    let text = ''
    for (let next: RegExpExecArray | null = first; next; next = this.#match(STRING)) {
      const raw = next[2]!.slice(1, -1)
      text += /^r$/i.test(next[1]!) ? raw : decodeEscapes(raw)
      this.#space()
    }
    return text
  }

  #list(end: string): { items: unknown[]; commas: number } {
    const items: unknown[] = []
    let commas = 0
    while (!this.#take(end)) {
      if (items.length > commas) throw NO_LITERAL
      items.push(this.#value())
      if (this.#take(',')) commas++
    }
    return { items, commas }
  }

  #mapping(): Record<string, unknown> {
    const entries: [string, unknown][] = []
    let commas = 0
    while (!this.#take('}')) {
      if (entries.length > commas) throw NO_LITERAL
      const key = this.#value()
      if (typeof key === 'object' && key !== null) throw NO_LITERAL
      if (!this.#take(':')) throw NO_LITERAL
      entries.push([typeof key === 'string' ? key : pythonText(key), this.#value()])
      if (this.#take(',')) commas++
    }
    return Object.fromEntries(entries)
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.text)
    if (found) this.#at = pattern.lastIndex
    return found
  }

  #take(character: string): boolean {
    this.#space()
    if (this.text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #space(): void {
    while (this.text[this.#at] === ' ' || this.text[this.#at] === '\t') this.#at++
  }

  #ended(): boolean {
    this.#space()
    return this.#at >= this.text.length || this.text[this.#at] === '#'
  }
}

/** Both print as what they are, so that `1e999` and a digit beyond 2^53 are not lost. */
function finite(text: string): number {
  const value = Number(text.replace(/[\s_]/g, ''))
  if (!Number.isFinite(value)) throw NO_LITERAL
  return value
}

function whole(sign: string, digits: string): number | bigint {
  const value = BigInt(digits.replaceAll('_', '')) * (sign === '-' ? -1n : 1n)
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

const pythonText = (value: unknown): string =>
  Object.keys(WORDS).find((word) => WORDS[word] === value) ?? String(value)

function decodeEscapes(raw: string): string {
  return raw.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U(000[\da-fA-F]{5}|0010[\da-fA-F]{4})|([0-7]{1,3})|(.))/g,
    (all, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      const hex = x ?? u ?? long
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
      return other !== undefined && Object.hasOwn(ESCAPES, other) ? ESCAPES[other]! : all
    },
  )
}
