import { quoteWords } from '../../contract/quote.ts'

/** Words of one command at most, in characters: far below Linux's limit of 128 KiB for a shell's one line of text. */
const LONGEST = 60_000

interface Waiting<Answer> {
  path: string
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/**
 * Questions about single paths that are asked in one turn of the event loop, put together into one command: a process a
 * path would cost more than all the rest.
 */
export class PathBatch<Answer> {
  #waiting: Waiting<Answer>[] = []

  /** @param ask answers for all these paths, in their order */
  constructor(readonly ask: (paths: readonly string[]) => Promise<readonly Answer[]>) {}

  get(path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush())
      this.#waiting.push({ path, resolve, reject })
    })
  }

  #flush(): void {
    const all = this.#waiting
    this.#waiting = []
    for (let from = 0, to = 0; from < all.length; from = to) {
      let length = 0
      do length += quoteWords([all[to]!.path]).length + 1
      while (++to < all.length && length < LONGEST)
      void this.#answer(all.slice(from, to))
    }
  }

  async #answer(part: readonly Waiting<Answer>[]): Promise<void> {
    try {
      const answers = await this.ask(part.map(({ path }) => path))
      for (const [index, { resolve }] of part.entries()) resolve(answers[index]!)
    } catch (error) {
      for (const { reject } of part) reject(error)
    }
  }
}
