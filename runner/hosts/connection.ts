import { Readable } from 'node:stream'
import { bytesOf } from '../../contract/bytes.ts'
import type { Output } from '../../contract/host.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { PlayError } from '../errors.ts'
import { within } from '../timers.ts'
import { type Login, startAs } from './become.ts'
import { becomeError, isUnknownUser, place } from './become-errors.ts'
import { argvCommand, textCommand } from './command-text.ts'
import { type Holder, type HostProcess, Keeper, type LockAnswer } from './keeper.ts'
import { UNCUT_SCRIPT } from './keeper-script.ts'
import { killTree } from './kill-tree.ts'
import { type Look, MOST_INPUT, type ReadOptions, Resident, ResidentGone } from './resident/resident.ts'
import { runAlone } from './run-alone.ts'
import { holding, Shell } from './shell.ts'
import type { SqlSessions } from './sql.ts'
import type { Connection, RunOptions, SqlOptions, SqlResult } from './types.ts'
import { questionOf, Unanswered } from './unanswered.ts'

/** Above this many bytes, a command's input travels on a channel of its own. */
const LARGE_INPUT = 256 * 1024

/** A connected host: its persistent shells and SQL sessions over one transport. */
export class HostConnection implements Connection {
  private readonly shells = new Map<string, Promise<Shell>>()
  /** What reads, by whose process it is; the one before it, where that ended. */
  private readonly residents = new Map<string, { now: Resident; ended: number }>()
  private sessions: Promise<SqlSessions> | undefined
  private closing: Promise<void> | undefined
  private keeper: Keeper | undefined
  private readonly unanswered = new Unanswered()
  /** Why nothing more is begun here. */
  private halted: PlayError | undefined
  /** Process ids of the shells. */
  private readonly pids = new Set<number>()

  constructor(
    private readonly login: Login,
    private readonly onResidentGone: (why: string) => void = () => {},
  ) {}

  get spec() {
    return this.login.spec
  }
  get loginUser() {
    return this.login.user
  }

  async shell(text: string, options: RunOptions = {}): Promise<Output> {
    // It says next to nothing, so that nobody need read it: see UNCUT_SCRIPT for what does.
    if (options.uncut && this.keeper)
      return this.run(argvCommand(['sh', '-c', text], { ...options, env: uncut(options) }), options)
    return this.run(textCommand(text, options), options)
  }

  async exec(argv: readonly string[], options: RunOptions = {}): Promise<Output> {
    if (!options.uncut || !this.keeper) return this.run(argvCommand(argv, options), options)
    const words = ['perl', '-e', UNCUT_SCRIPT, '--', ...argv]
    return this.run(argvCommand(words, { ...options, env: uncut(options) }), options)
  }

  look(look: Look, path: string, as = this.loginUser, signal?: AbortSignal): Promise<string> {
    const answer = this.byResident(as, (resident) => resident.ask(as, look, path, signal))
    return this.unanswered.until(answer, () => questionOf(look, path))
  }

  read(argv: readonly string[], { as = this.loginUser, ...options }: ReadOptions & { as?: string } = {}) {
    if (Buffer.byteLength(options.stdin ?? '') > MOST_INPUT) return this.exec(argv, { as, ...options })
    const answer = this.byResident(as, (resident) => resident.run(as, argv, options))
    // Arguments may be long, and none may be known to be a secret here; who sleeps waits for something else.
    const [program = ''] = argv
    return this.unanswered.until(answer, () => (program === 'sleep' ? undefined : `the command ${program}`))
  }

  waitsFor = (): string | undefined => this.unanswered.oldest()

  /** What only reads may be asked again, where the process ended over it. */
  private async byResident<T>(as: string, ask: (resident: Resident) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask(this.residentFor(as))
      } catch (error) {
        if (!(error instanceof ResidentGone)) throw error
      }
    }
  }

  stream(argv: readonly string[], input: Readable, { as }: { as?: string }): Promise<Output> {
    return this.alone(argvCommand(argv), input, { as, changes: true })
  }

  async sql(
    on: SqlTarget,
    text: string,
    values?: readonly unknown[],
    options: SqlOptions = {},
  ): Promise<SqlResult> {
    if (this.halted) throw this.halted
    this.sessions ??= import('./sql.ts').then(
      ({ SqlSessions }) =>
        new SqlSessions({ spec: this.spec, user: this.loginUser, resident: (as) => this.residentFor(as) }),
    )
    const sessions = await this.sessions
    return this.unanswered.until(sessions.query(on, text, values, options), () => sessions.waitsFor(on))
  }

  async closeSql(version: string, cluster: string): Promise<void> {
    await (await this.sessions)?.close(version, cluster)
  }

  async lock(holder: Holder, as: string | undefined, onLost: () => void): Promise<LockAnswer> {
    const start = (user: string | undefined) =>
      Keeper.start(this.login, user, holder, (why) => this.keeperLost(why, onLost))
    const { keeper, answer } = await start(as).catch((error: unknown) => {
      const refused = error instanceof PlayError && error.code === 'become' && as !== undefined
      if (refused) return start(undefined)
      throw error
    })
    if (answer.state !== 'held') return answer
    this.keeper = keeper
    for (const pid of this.pids) keeper.watch(pid)
    return answer
  }

  async unlock(): Promise<void> {
    const { keeper } = this
    this.keeper = undefined
    await keeper?.release()
  }

  async halt(why: PlayError): Promise<{ ended: HostProcess[]; stays: HostProcess[] }> {
    this.halted ??= why
    const [stopped] = await Promise.all([this.keeper?.stop(), this.stopReading()])
    return stopped ?? { ended: [], stays: [] }
  }

  running = async (): Promise<HostProcess[]> => (await this.keeper?.list()) ?? []

  close(): Promise<void> {
    this.closing ??= this.closeAll()
    return this.closing
  }

  private async run(command: string, options: RunOptions): Promise<Output> {
    const { as, stdin, onLine, keep, timeout, onSent, onBegin, changes } = options
    if (stdin !== undefined && Buffer.byteLength(stdin) > LARGE_INPUT) {
      // Commands run in the order of the calls: those of the shell have answered before this one.
      if (this.shells.has(as ?? this.loginUser)) await this.shell(':', { as })
      return this.alone(command, Readable.from([typeof stdin === 'string' ? bytesOf(stdin) : stdin]), options)
    }
    const shell = await this.shellOf(as)
    const hold = changes ? this.keeper?.workFile : undefined
    return new Promise((resolve, reject) => {
      shell.run({ text: command, stdin, onLine, keep, onBegin, timeout, hold, resolve, reject })
      onSent?.()
    })
  }

  /**
   * The process that reads for a user: root's, where there is one, or the user's own. One that ended is started once more.
   * @throws {PlayError}
   */
  private residentFor(as: string): Resident {
    if (this.halted || this.closing !== undefined) throw this.halted ?? this.ended()
    const whose = as !== this.loginUser && this.hasRoot() ? 'root' : as
    const known = this.residents.get(whose)
    const why = known?.now.ended
    if (known && !why) return known.now
    if (why && !(why instanceof ResidentGone) && !isUnknownUser(why)) throw why
    const ended = (known?.ended ?? 0) + (why instanceof ResidentGone ? 1 : 0)
    if (ended > 1)
      throw new PlayError('unreachable', `${this.spec.name}: what reads there for ${whose} ended twice`, {
        details: why!.message.split('\n'),
      })
    if (ended > (known?.ended ?? 0)) this.onResidentGone(why!.message)
    const now = new Resident(this.login, whose, this.prelude(whose))
    this.residents.set(whose, { now, ended })
    return now
  }

  /** Where root was refused, or was not asked for, each user has a process of his own. */
  private hasRoot(): boolean {
    const root = this.residents.get('root')?.now
    return (
      this.loginUser === 'root' || (root !== undefined && (!root.ended || root.ended instanceof ResidentGone))
    )
  }

  /** On a channel of its own. */
  private alone(
    command: string,
    input: Readable,
    { as, onLine, keep, timeout, changes }: RunOptions,
  ): Promise<Output> {
    if (this.halted) return Promise.reject(this.halted)
    const hold = changes && this.keeper?.workFile ? holding(this.keeper.workFile) : ''
    const onPid = (pid: number) => this.keeper?.watch(pid)
    return runAlone(this.login, `${this.prelude(as)};${hold}${command}`, input, {
      as,
      onLine,
      keep,
      timeout,
      onPid,
    })
  }

  /** Killed: somebody took the lock from the run. Silent: the host has ended, or will end, what runs there. */
  private keeperLost(why: 'killed' | 'silent' | 'connection', onLost: () => void): void {
    this.keeper = undefined
    if (this.closing || why === 'connection') return
    this.halted ??=
      why === 'killed'
        ? new PlayError(
            'lock',
            `${this.spec.name}: the lock of this run was lost: its keeper there was killed`,
            {
              hint: 'look who is at work there, then run again',
            },
          )
        : new PlayError('unreachable', `${this.spec.name}: ${place(this.spec)} has not answered for 12 s`, {
            hint: 'check that the machine still runs, then run the playbook again',
          })
    for (const shell of this.shells.values())
      shell.then(
        (one) => one.giveUp(this.halted!),
        () => {},
      )
    if (why === 'killed') onLost()
    else void this.login.transport.close()
  }

  private shellOf(user: string | undefined): Promise<Shell> {
    const as = user ?? this.loginUser
    let shell =
      this.halted || this.closing !== undefined
        ? Promise.reject(this.halted ?? this.ended())
        : this.shells.get(as)
    if (!shell) {
      shell = this.start(as)
      this.shells.set(as, shell)
      shell.catch((error) => {
        if (isUnknownUser(error)) this.shells.delete(as)
      })
    }
    return shell
  }

  private async start(as: string): Promise<Shell> {
    const channel = await startAs(this.login, as, ['/bin/sh'])
    return new Shell(channel, this.prelude(as), {
      began: (pid) => {
        this.pids.add(pid)
        this.keeper?.watch(pid)
      },
      kill: (pid, also) => killTree(this.login, as, pid, also).catch(() => {}),
      ended: (exit, left, began, said) => {
        this.shells.delete(as)
        if (this.halted || this.closing !== undefined) {
          for (const command of left) command.reject(this.halted ?? this.ended())
          return
        }
        const error = exit.lost || !began ? becomeError(this.spec, as, said, exit) : undefined
        if (error) {
          const refused = Promise.reject<Shell>(error)
          refused.catch(() => {})
          if (!isUnknownUser(error)) this.shells.set(as, refused)
          for (const command of left) command.reject(error)
          return
        }
        for (const command of left) this.shellOf(as).then((next) => next.run(command), command.reject)
      },
    })
  }

  /** What every shell begins with: a known locale, PATH and umask, and the user's own home. */
  private prelude(user: string | undefined): string {
    const as = user ?? this.loginUser
    const own = as === this.loginUser
    const path = this.spec.kind === 'local' && own ? `"$PATH:${PATH}"` : PATH
    const identity = own || this.loginUser !== 'root' ? '' : `HOME=~${as} USER=${as} LOGNAME=${as};`
    return `umask 022;${identity}export LC_ALL=C.UTF-8 PATH=${path} HOME USER LOGNAME;cd 2>/dev/null||cd /`
  }

  private ended(): PlayError {
    return new PlayError('interrupted', `${this.spec.name}: the connection was closed`)
  }

  /**
   * Ends the sessions, and tells the processes that they go through to end, with what these still run.
   * @returns when these have: one may hang, so that nobody waits for it without an end
   */
  private async stopReading(): Promise<{ ended: Promise<unknown> }> {
    const isCut = await this.sessions?.then((all) => all.closeAll())
    const ended = Promise.all([...this.residents.values()].map(({ now }) => now.close()))
    // It goes on until the server has ended that, however long this takes.
    return { ended: isCut ? within(CUT_TIME, ended) : ended }
  }

  private async closeAll(): Promise<void> {
    const shells = [...this.shells.values()].map(async (shell) => (await shell).close())
    const reading = this.stopReading().then(({ ended }) => ended)
    await within(CLOSE_TIME, Promise.allSettled([...shells, reading]))
    await this.unlock()
    await this.login.transport.close()
  }
}

/** By which the keeper knows what must not be cut. */
const uncut = ({ env }: RunOptions) => ({ ...env, PLAY_UNCUT: '1' })

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** ms that are waited for a server to end what was cut off. */
const CUT_TIME = 200

/** ms that shells and sessions have to end by themselves. */
const CLOSE_TIME = 5000
