import { BLANK, type PlainText, plainText, saidBy } from './plain-text.ts'
import { MASK } from './secret-texts.ts'

/** Texts that are looked for together, the longest first, so that a secret that holds another is hidden whole. */
class Texts {
  readonly #all = new Set<string>()
  #sorted: string[] | undefined
  #pattern: RegExp | undefined

  add(text: string): void {
    if (this.#all.has(text)) return
    this.#all.add(text)
    this.#sorted = undefined
    this.#pattern = undefined
  }

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  get sorted(): readonly string[] {
    this.#sorted ??= [...this.#all].sort((a, b) => b.length - a.length)
    return this.#sorted
  }

  /** From the start of a text on. */
  get pattern(): RegExp {
    this.#pattern ??= new RegExp(this.sorted.map(escapeRegExp).join('|'), 'g')
    this.#pattern.lastIndex = 0
    return this.#pattern
  }
}

/** Secrets as they stand in texts. */
export class WrittenSecrets {
  readonly #texts = new Texts()

  add = (text: string): void => this.#texts.add(text)

  hide(text: string): string {
    return this.#texts.isEmpty ? text : text.replace(this.#texts.pattern, MASK)
  }
}

/** Secrets as what texts say, in whatever way they are written. */
export class PlainSecrets {
  readonly #texts = new Texts()
  /** What may stand before each character of one: see PlainText. */
  readonly #gaps = new Map<string, Uint8Array>()

  add({ text, gaps }: PlainText): void {
    this.#texts.add(text)
    const known = this.#gaps.get(text)
    this.#gaps.set(text, known ? known.map((gap, at) => Math.max(gap, gaps[at]!)) : gaps)
  }

  hide(text: string): string {
    if (this.#texts.isEmpty || !this.#texts.pattern.test(saidBy(text))) return text
    const plain = plainText(text)
    const { pattern } = this.#texts
    const parts: string[] = []
    let at = 0
    for (let found = pattern.exec(plain.text); found; found = pattern.exec(plain.text)) {
      const secret = this.#saidAt(plain, found.index, found[0])
      pattern.lastIndex = found.index + (secret?.length ?? 1)
      if (secret === undefined) continue
      parts.push(text.slice(at, plain.starts[found.index]))
      at = plain.ends[found.index + secret.length - 1]!
    }
    return parts.length === 0 ? text : [...parts, text.slice(at)].join(MASK)
  }

  /** The longest that is said there. Two words are not one: blanks stand in it only where the secret has them. */
  #saidAt({ text, gaps }: PlainText, from: number, longest: string): string | undefined {
    const isSaid = (secret: string): boolean => {
      const known = this.#gaps.get(secret)!
      for (let at = 1; at < secret.length; at += 1) if (gaps[from + at] === BLANK && !known[at]) return false
      return true
    }
    if (isSaid(longest)) return longest
    return this.#texts.sorted.find((secret) => text.startsWith(secret, from) && isSaid(secret))
  }
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
