import type { Event } from '../report/events.ts'

/** Something that takes its time on a host. */
interface Piece {
  host: string
  task: string
  what: string
  since: number
  /** The latest that it said of itself. */
  line: () => string | undefined
  /** Seconds after which it is told next. */
  tellAfter: number
}

export interface AtWork {
  /** Its latest line, or how far it is. */
  tell(line: string): void
  end(): void
}

/** ms between two looks at what is under way. */
const TICK = 1000
/** Seconds after which a piece of work is worth the last line of a terminal, and a line of a log; then again after so many. */
const SHOWN = 2
const TOLD = 10
const AGAIN = 60

/** What is being done on which host, told while it lasts: a step of minutes is else as silent as a run that hangs. */
export class WorkList {
  readonly #pieces = new Set<Piece>()
  #timer: NodeJS.Timeout | undefined
  #isShown = false

  constructor(readonly emit: (event: Event) => void) {}

  /** @param line what it says of itself, until it tells something */
  begin(host: string, task: string, what: string, line: () => string | undefined = () => undefined): AtWork {
    const piece: Piece = { host, task, what, line, since: performance.now(), tellAfter: TOLD }
    this.#pieces.add(piece)
    this.#timer ??= setInterval(() => this.#tick(), TICK).unref()
    return {
      tell: (line) => {
        piece.line = () => line
      },
      end: () => this.#end(piece),
    }
  }

  #end(piece: Piece): void {
    this.#pieces.delete(piece)
    if (this.#pieces.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    if (this.#isShown) this.emit({ event: 'at_work', work: [] })
    this.#isShown = false
  }

  #tick(): void {
    const now = performance.now()
    const secondsOf = ({ since }: Piece): number => Math.floor((now - since) / 1000)
    for (const piece of this.#pieces) {
      const seconds = secondsOf(piece)
      if (seconds < piece.tellAfter) continue
      piece.tellAfter = seconds < AGAIN ? AGAIN : piece.tellAfter + AGAIN
      const { host, task, what } = piece
      const line = piece.line()
      this.emit({
        event: 'progress',
        task,
        host,
        line: line === undefined ? what : `${what}: ${line}`,
        seconds,
      })
    }
    const work = [...this.#pieces]
      .filter((piece) => secondsOf(piece) >= SHOWN)
      .map((piece) => ({
        host: piece.host,
        task: piece.task,
        what: piece.what,
        line: piece.line(),
        seconds: secondsOf(piece),
      }))
    if (work.length === 0) return
    this.#isShown = true
    this.emit({ event: 'at_work', work })
  }
}
