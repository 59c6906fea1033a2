import { quoteWords } from '../../contract/quote.ts'
import { type Login, startAs } from './become.ts'
import { becomeError } from './become-errors.ts'
import { type Channel, listen } from './channel.ts'
import { KEEPER_SCRIPT } from './keeper-script.ts'
import { LineSplitter } from './lines.ts'

/** Who holds a lock, as its run tells it. */
export interface Holder {
  /** Names the run; a random word. */
  run: string
  /** The user that runs play, and on which machine. */
  user: string
  host: string
  /** Of play, there. */
  pid: number
  /** UTC, `2026-11-29T00:00:00.000Z` */
  since: string
  /** The playbooks, as they were named. */
  what: string
}

/** A process of the run on its host. */
export interface HostProcess {
  pid: number
  command: string
}

/** The answer to the wish for a machine's lock. */
export type LockAnswer =
  /** `machine`: its machine-id, where it has one. */
  | { state: 'held'; machine: string | null }
  /** `ending`: its run is over, or has not been heard of for a while, and what it left will end. */
  /** `others`: processes that hold it and are of no run: `4711 of user bob: perl lock.pl`. */
  | { state: 'busy'; holder: Holder | null; ending: boolean; processes: string[]; others?: string[] }
  /** There is no place for a lock, or no perl. */
  | { state: 'none'; why: string }

/** Seconds of silence after which the host takes the controller for lost; the controller gives a host up earlier. */
const SILENCE = 15
const GIVEN_UP = 12
/** Seconds between two signs of life, and from TERM to KILL. */
const PULSE = 3
const PATIENCE = 10
/** A holder that has been silent for so many seconds may be lost. */
const SILENT = 2 * PULSE + 1
/** ms for the host to say what runs there. */
const LAST_WORDS = 1500

/**
 * The controller's half of a keeper (keeper-script.ts): a process on the host that holds the machine's lock for the run,
 * and ends what the run started there when it is told, or when the controller is lost.
 */
export class Keeper {
  /** The file that commands of the run hold; undefined where there is no place for one. */
  workFile: string | undefined
  #answered: ((answer: LockAnswer) => void) | undefined
  #heard = Date.now()
  #pulse: NodeJS.Timeout | undefined
  #over = false
  #processes: { ended: HostProcess[]; runs: HostProcess[] } = { ended: [], runs: [] }
  #told: (() => void)[] = []

  private constructor(
    private readonly channel: Channel,
    /** It ended by itself, or does not answer any more. */
    private readonly onLost: (why: 'killed' | 'silent' | 'connection') => void,
  ) {}

  /** @throws {PlayError} become, unreachable */
  static async start(
    login: Login,
    as: string | undefined,
    holder: Holder,
    onLost: (why: 'killed' | 'silent' | 'connection') => void,
  ): Promise<{ keeper: Keeper; answer: LockAnswer }> {
    const channel = await startAs(login, as, ['/bin/sh'])
    const keeper = new Keeper(channel, onLost)
    const told = Buffer.from(JSON.stringify(holder)).toString('hex')
    const argv = ['perl', '-e', KEEPER_SCRIPT, holder.run, String(SILENCE), String(PATIENCE), told]
    let said = ''
    listen(channel.stderr, (part) => {
      said = `${said}${part}`.slice(0, 2000)
    })
    const lines = new LineSplitter((line) => keeper.#hear(line))
    listen(channel.stdout, (part) => lines.push(part))
    channel.stdin.on('error', () => {})
    channel.stdin.write(`export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin;exec ${quoteWords(argv)}\n`)
    const answer = await new Promise<LockAnswer>((resolve, reject) => {
      keeper.#answered = resolve
      void channel.exit.then((exit) => {
        if (keeper.#answered === undefined) return keeper.#end(exit.lost === true)
        keeper.#over = true
        if (exit.code === 127) resolve({ state: 'none', why: 'perl is missing (Debian package perl-base)' })
        else if (exit.code === 0 && !exit.lost) resolve({ state: 'none', why: said.trim() || 'no answer' })
        else reject(becomeError(login.spec, as ?? login.user, said, exit))
      })
    })
    if (answer.state === 'held') keeper.#beat()
    else keeper.#over = true
    return { keeper, answer }
  }

  /** A shell of the run, whose commands end when the controller is lost. */
  watch(pid: number): void {
    this.#write(`+${pid}`)
  }

  /** Ends what runs on the host: what may be cut off at once. Resolves when that has ended. */
  async stop(): Promise<{ ended: HostProcess[]; stays: HostProcess[] }> {
    await this.#ask('stop', (PATIENCE + 2) * 1000)
    return { ended: this.#processes.ended, stays: this.#processes.runs }
  }

  /** What of the run is at work there now. */
  async list(): Promise<HostProcess[]> {
    this.#processes.runs = []
    await this.#ask('list', LAST_WORDS)
    return this.#processes.runs
  }

  /** The run is over. Resolves when the lock is let go: whoever runs play next must not find it taken. */
  release(): Promise<void> {
    if (this.#over) return Promise.resolve()
    this.#over = true
    clearInterval(this.#pulse)
    this.channel.stdin.end('done\n')
    return this.#answeredWithin(LAST_WORDS)
  }

  #hear(line: string): void {
    this.#heard = Date.now()
    const [word, ...rest] = line.split(' ')
    const answer = this.#answered
    switch (word) {
      case 'got':
        this.workFile = rest[1] === '-' ? undefined : rest[1]
        this.#answered = undefined
        answer?.({ state: 'held', machine: rest[0] === '-' ? null : rest[0]! })
        break
      case 'none':
        this.#answered = undefined
        answer?.({ state: 'none', why: 'neither /run/play nor /run/lock can hold a lock' })
        break
      case 'busy': {
        this.#answered = undefined
        const [, told = '', state = ''] = textOf(rest[1]).split('\n')
        const processes = state.split('; ').slice(1)
        const ending = state.startsWith('ending') || Number(rest[0]) >= SILENT
        const others = textOf(rest[2] ?? '')
          .split('\n')
          .filter(Boolean)
        // Whoever holds it is not who the file tells of.
        if (others.length > 0) answer?.({ state: 'busy', holder: null, ending: false, processes: [], others })
        else answer?.({ state: 'busy', holder: readHolder(told), ending, processes })
        break
      }
      case 'left':
        this.#answered = undefined
        answer?.({ state: 'busy', holder: null, ending: true, processes: textOf(rest[0]).split('\n') })
        break
      case 'ended':
        this.#processes.ended.push({ pid: Number(rest[0]), command: textOf(rest[1]).trim() })
        break
      case 'runs':
      case 'stays':
        this.#processes.runs.push({ pid: Number(rest[0]), command: textOf(rest[1]).trim() })
        break
      case 'stopped':
      case 'listed':
      case 'over':
        for (const tell of this.#told.splice(0)) tell()
        break
      default:
    }
  }

  #ask(word: 'stop' | 'list', most: number): Promise<void> {
    if (this.#over) return Promise.resolve()
    this.#write(word)
    return this.#answeredWithin(most)
  }

  /** Resolves with the host's next closing word, or after so many ms. */
  #answeredWithin(most: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, most)
      this.#told.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #write(line: string): void {
    if (!this.#over) this.channel.stdin.write(`${line}\n`)
  }

  #beat(): void {
    let before = Date.now()
    this.#pulse = setInterval(() => {
      const now = Date.now()
      // A controller that slept or was busy has its answers still to read.
      const late = now - before > 2 * PULSE * 1000
      before = now
      this.#write('.')
      if (!late && now - this.#heard > GIVEN_UP * 1000) {
        this.#over = true
        clearInterval(this.#pulse)
        this.onLost('silent')
      }
    }, PULSE * 1000)
    this.#pulse.unref()
  }

  #end(connection: boolean): void {
    clearInterval(this.#pulse)
    for (const tell of this.#told.splice(0)) tell()
    if (this.#over) return
    this.#over = true
    this.onLost(connection ? 'connection' : 'killed')
  }
}

const textOf = (hex = ''): string => Buffer.from(hex, 'hex').toString()

/** What a lock's file says of who holds it; null where it says nothing that can be read. */
export function readHolder(line: string): Holder | null {
  try {
    const { run, user, host, pid, since, what } = JSON.parse(line) as Record<string, unknown>
    return {
      run: String(run),
      user: String(user),
      host: String(host),
      pid: Number(pid),
      since: String(since),
      what: String(what),
    }
  } catch {
    return null
  }
}

/**
 * Prints the holder's line of each lock that is held, and changes nothing: for runs that take no lock. Everybody may
 * read them.
 */
export const LOOK_AT_LOCK = `for file in /run/play/lock /run/lock/play.lock; do
  { read -r run pid; read -r told; } 2>/dev/null <"$file" && [ -d "/proc/$pid" ] && printf '%s\\n' "$told"
done; true`
