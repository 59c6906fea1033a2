/** A Jinja expression, as Ansible users write it in {{ }} and after `when:`. */
export type Jinja =
  | { is: 'text'; value: string }
  | { is: 'number'; text: string }
  | { is: 'name'; name: string }
  | { is: 'list'; items: Jinja[] }
  | { is: 'attribute'; of: Jinja; name: string }
  | { is: 'item'; of: Jinja; key: Jinja }
  | { is: 'call'; of: Jinja; args: Jinja[]; named: Record<string, Jinja> }
  | { is: 'filter'; name: string; of: Jinja; args: Jinja[]; named: Record<string, Jinja> }
  | { is: 'test'; name: string; of: Jinja; args: Jinja[] }
  | { is: 'not'; of: Jinja }
  | { is: 'binary'; op: string; left: Jinja; right: Jinja }
  | { is: 'choice'; condition: Jinja; yes: Jinja; no: Jinja }

/**
 * Reads Jinja only to say in an error what to write instead (Jinja's template designer documentation, Expressions).
 * @returns undefined where it is no Jinja expression, or one of the rarer kinds
 */
export function parseJinja(text: string): Jinja | undefined {
  const words = wordsOf(text)
  if (!words) return undefined
  try {
    return new Parser(words).whole()
  } catch (error) {
    if (error instanceof NoJinja) return undefined
    throw error
  }
}

class NoJinja extends Error {}

type Word = { kind: 'text' | 'number' | 'name' | 'sign' | 'end'; text: string }

const WORD =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>==|!=|<=|>=|&&|\|\||[-+*/%~|()[\],.<>=!]))/y

function wordsOf(text: string): Word[] | undefined {
  const words: Word[] = []
  WORD.lastIndex = 0
  for (const end = text.trimEnd().length; WORD.lastIndex < end; ) {
    const groups = WORD.exec(text)?.groups
    if (!groups) return undefined
    const [kind, word] = Object.entries(groups).find(([, found]) => found !== undefined)!
    words.push({ kind: kind as Word['kind'], text: word })
  }
  return [...words, { kind: 'end', text: '' }]
}

class Parser {
  #at = 0
  constructor(readonly words: Word[]) {}

  whole(): Jinja {
    const expression = this.#choice()
    if (this.#next.kind !== 'end') throw new NoJinja()
    return expression
  }

  get #next(): Word {
    return this.words[this.#at]!
  }

  #take(...texts: string[]): string | undefined {
    const { kind, text } = this.#next
    if (kind === 'text' || !texts.includes(text)) return undefined
    this.#at++
    return text
  }

  #need(text: string): void {
    if (!this.#take(text)) throw new NoJinja()
  }

  #name(): string {
    const { kind, text } = this.words[this.#at++]!
    if (kind !== 'name') throw new NoJinja()
    return text
  }

  #choice(): Jinja {
    const yes = this.#or()
    if (!this.#take('if')) return yes
    const condition = this.#or()
    const no: Jinja = this.#take('else') ? this.#choice() : { is: 'text', value: '' }
    return { is: 'choice', condition, yes, no }
  }

  #or(): Jinja {
    return this.#chain(['or', '||'], () => this.#chain(['and', '&&'], () => this.#not()))
  }

  #chain(ops: string[], operand: () => Jinja): Jinja {
    let left = operand()
    for (let op = this.#take(...ops); op; op = this.#take(...ops))
      left = { is: 'binary', op: SAME[op] ?? op, left, right: operand() }
    return left
  }

  #not(): Jinja {
    return this.#take('not', '!') ? { is: 'not', of: this.#not() } : this.#comparison()
  }

  #comparison(): Jinja {
    let left = this.#sum()
    for (;;) {
      const op = this.#take('==', '=', '!=', '<', '<=', '>', '>=', 'in', 'is', 'not')
      if (!op) return left
      if (op === 'is') left = this.#test(left)
      else if (op === 'not') {
        this.#need('in')
        left = { is: 'not', of: { is: 'binary', op: 'in', left, right: this.#sum() } }
      } else left = { is: 'binary', op: SAME[op] ?? op, left, right: this.#sum() }
    }
  }

  #test(of: Jinja): Jinja {
    const negated = this.#take('not')
    const name = this.#name()
    const args = this.#take('(') ? this.#arguments().args : []
    const test: Jinja = { is: 'test', name, of, args }
    return negated ? { is: 'not', of: test } : test
  }

  #sum(): Jinja {
    return this.#chain(['~', '+', '-'], () => this.#chain(['*', '/', '%'], () => this.#filtered()))
  }

  #filtered(): Jinja {
    let of = this.#postfix()
    while (this.#take('|')) {
      let name = this.#name()
      while (this.#take('.')) name = this.#name()
      of = { is: 'filter', name, of, ...(this.#take('(') ? this.#arguments() : { args: [], named: {} }) }
    }
    return of
  }

  #postfix(): Jinja {
    let of = this.#primary()
    for (;;) {
      if (this.#take('.')) {
        const { kind, text } = this.#next
        if (kind === 'number') {
          this.#at++
          of = { is: 'item', of, key: { is: 'number', text } }
        } else of = { is: 'attribute', of, name: this.#name() }
      } else if (this.#take('[')) {
        of = { is: 'item', of, key: this.#choice() }
        this.#need(']')
      } else if (this.#take('(')) of = { is: 'call', of, ...this.#arguments() }
      else return of
    }
  }

  #arguments(): { args: Jinja[]; named: Record<string, Jinja> } {
    const args: Jinja[] = []
    const named: Record<string, Jinja> = {}
    while (!this.#take(')')) {
      const after = this.words[this.#at + 1]
      if (this.#next.kind === 'name' && after?.kind === 'sign' && after.text === '=') {
        const name = this.#name()
        this.#need('=')
        named[name] = this.#choice()
      } else args.push(this.#choice())
      if (!this.#take(',') && this.#next.text !== ')') throw new NoJinja()
    }
    return { args, named }
  }

  #primary(): Jinja {
    const { kind, text } = this.words[this.#at++]!
    if (kind === 'text') return { is: 'text', value: text.slice(1, -1).replace(/\\(['"\\])/g, '$1') }
    if (kind === 'number') return { is: 'number', text }
    if (kind === 'name' && !KEYWORDS.has(text)) return { is: 'name', name: text }
    if (kind === 'sign' && text === '-' && this.#next.kind === 'number')
      return { is: 'number', text: `-${this.words[this.#at++]!.text}` }
    if (kind === 'sign' && text === '(') {
      const inner = this.#choice()
      this.#need(')')
      return inner
    }
    if (kind === 'sign' && text === '[') return this.#list()
    throw new NoJinja()
  }

  #list(): Jinja {
    const items: Jinja[] = []
    while (!this.#take(']')) {
      items.push(this.#choice())
      if (!this.#take(',') && this.#next.text !== ']') throw new NoJinja()
    }
    return { is: 'list', items }
  }
}

const SAME: Record<string, string> = { '||': 'or', '&&': 'and', '=': '==' }
const KEYWORDS = new Set(['and', 'or', 'not', 'if', 'else', 'is', 'in'])
