import type { Look } from './resident/resident.ts'

/** What a host is asked and has not answered yet, so that somebody who waits can say what for. */
export class Unanswered {
  readonly #questions = new Set<() => string | undefined>()

  /** @param what is asked for, in words: only if somebody wants to know; undefined where that tells nothing */
  async until<T>(answer: Promise<T>, what: () => string | undefined): Promise<T> {
    this.#questions.add(what)
    try {
      return await answer
    } finally {
      this.#questions.delete(what)
    }
  }

  /** The question that has waited longest. */
  oldest(): string | undefined {
    for (const what of this.#questions) {
      const words = what()
      if (words !== undefined) return words
    }
    return undefined
  }
}

/** A question to the host in words. @param about its argument: behind a NUL is what nobody needs to read */
export function questionOf(look: Look, about: string): string {
  const [path] = about.split('\0')
  switch (look) {
    case 'stat':
      return `what is at ${path}`
    case 'read':
    case 'list':
      return `what is in ${path}`
    case 'sha256':
    case 'blake2b':
      return `the ${look} of ${path}`
    case 'packages':
      return 'the state of packages'
    case 'unit':
      return `systemd's answer about ${path}`
    case 'user':
    case 'group':
      return `the ${look} ${path}`
    default:
      return look === 'processes' ? 'the list of processes' : 'what the host is'
  }
}
