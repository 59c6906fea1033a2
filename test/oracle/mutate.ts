/** Texts made of others: the same ones for the same seed. */
export class Mutator {
  #state: number
  constructor(
    readonly seeds: readonly string[],
    seed: number,
  ) {
    this.#state = seed || 1
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % limit
  }

  #one<T>(list: ArrayLike<T>): T {
    return list[this.below(list.length)]!
  }

  text(): string {
    if (this.below(10) === 0) return this.#noise()
    let text = this.#one(this.seeds)
    for (let count = 1 + this.below(4); count > 0; count--) text = this.#changed(text)
    return text
  }

  #noise(): string {
    return Array.from({ length: this.below(40) }, () =>
      this.below(3) ? this.#one(SIGNS) : String.fromCharCode(this.below(300)),
    ).join('')
  }

  #changed(text: string): string {
    const at = this.below(text.length + 1)
    const end = at + this.below(Math.min(12, text.length - at + 1))
    switch (this.below(5)) {
      case 0:
        return text.slice(0, at) + text.slice(end)
      case 1:
        return text.slice(0, at) + this.#one(SIGNS) + text.slice(at)
      case 2:
        return text.slice(0, end) + text.slice(at, end) + text.slice(end)
      case 3: {
        const other = this.#one(this.seeds)
        const from = this.below(other.length + 1)
        return text.slice(0, at) + other.slice(from, from + this.below(20)) + text.slice(end)
      }
      default:
        return text.slice(0, at) + String.fromCharCode(this.below(0x250)) + text.slice(end)
    }
  }
}

const SIGNS = [
  ...'{}[]()|.,:;~+-*/%=<>!\'"\\#@ \n\r\t',
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '-%}',
    '{%-',
    '**',
    '//',
    '==',
    ' if ',
    ' else ',
    ' is ',
    ' in ',
    ' not ',
  ],
  ...[
    ' and ',
    'for ',
    '{% endfor %}',
    '{% endif %}',
    '{% raw %}',
    '{% endraw %}',
    ' recursive',
    'l',
    'd',
    's',
    '1',
    '0x',
    '1e9',
    '𝒳',
    '\ud800',
    '\0',
  ],
  ...[
    '.append(',
    '.format(',
    '.split(',
    ' | default(',
    'loop',
    'range(9)',
    'namespace(',
    '__proto__',
    'self',
    'omit',
  ],
]
