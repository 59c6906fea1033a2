import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { modules } from '../../modules/registry.ts'
import type { Options } from '../cli.ts'
import { PlayError } from '../errors.ts'
import { Connections } from '../hosts/pool.ts'
import { connectionSpec } from '../hosts/spec.ts'
import type { Connection, ConnectionSpec, Reach } from '../hosts/types.ts'
import { tellTruth } from '../load/condition.ts'
import { settled } from '../load/outside.ts'
import { vault } from '../load/vault/vault.ts'
import { hideInError } from '../report/errors.ts'
import type { Event, Reporter } from '../report/events.ts'
import { Masker, maskingReporter } from '../report/mask.ts'
import { Fleet, type Guard } from '../run/fleet.ts'
import { Locks } from '../run/locks.ts'
import type { Otherwise } from '../run/machines.ts'
import { run } from '../run/run.ts'
import { version } from '../version.ts'
import { ask, askSecret } from './ask.ts'
import { DERIVED, type Input, onGrown } from './input.ts'
import { askPrompts } from './prompts.ts'
import { learnSecrets } from './secrets.ts'
import { listenToSignals } from './signals.ts'

/** Connections, passwords and secrets for one or more runs of the same input. */
export class Session {
  readonly #connections: Connections
  #fleet: Fleet | undefined
  readonly #otherwise: Otherwise
  #warn: (message: string) => void = () => {}
  /** Kept from a check to the run that carries it out. */
  #locks: Locks | undefined
  #emit: (event: Event) => void = () => {}
  #emitOfLocks: (event: Event) => void = () => {}
  #interrupted: () => boolean = () => false
  readonly #specOf: (name: string, reach?: Reach) => ConnectionSpec

  private constructor(
    readonly options: Options,
    readonly input: Input,
    readonly masker: Masker,
    passwords: { login?: string; become?: string },
  ) {
    const hooks = {
      onChangedKey: ({ name }: ConnectionSpec) =>
        this.#warn(
          `the host key of ${name} is not the known one: no password is given to it, and no key of the agent; ssh-keygen -R takes the old one away`,
        ),
      onResidentGone: ({ name }: ConnectionSpec, why: string) =>
        this.#warn(`what reads on ${name} ended${why && `: ${why}`}; it was started again`),
      onMake: (spec: ConnectionSpec) => this.#tell(spec),
    }
    const { values } = options.settings
    this.#otherwise = { connection: values.transport, port: values.remote_port }
    this.#specOf = (name, reach) =>
      connectionSpec(name, reach?.variables?.() ?? this.#fleet!.variables.hostScope(name), {
        remoteUser: reach?.user ?? options.user,
        port: reach?.port ?? this.#otherwise.port,
        connection: reach?.connection ?? this.#otherwise.connection,
        becomeMethod: reach?.becomeMethod ?? values.become_method,
        privateKeyFile: options.privateKey,
        becomePassword: passwords.become,
        askPassword: passwords.login,
        timeout: options.timeout,
        hostKeyChecking: values.host_key_checking,
        sshArgs: values,
      })
    this.#connections = new Connections(this.#specOf, hooks)
  }

  /** What its configuration says is the same for many hosts. */
  readonly #toldOfSsh = new Set<string>()

  #tell({ kind, name, hostKeyChecking, warnings = [] }: ConnectionSpec): void {
    if (kind === 'ssh' && hostKeyChecking === 'no')
      this.#warn(`host key checking is off for ${name}: anybody on the way could be that host`)
    for (const warning of warnings) {
      if (!this.#toldOfSsh.has(warning)) this.#warn(warning)
      this.#toldOfSsh.add(warning)
    }
  }

  /** Asks for the passwords that the options want asked. @throws {PlayError} */
  static async open(options: Options, input: Input): Promise<Session> {
    const { becomePasswordFile, askBecomePass, askPass, settings } = options
    const become = await passwordOf(becomePasswordFile, askBecomePass, 'BECOME password: ')
    const login = await passwordOf(settings.values.connection_password_file, askPass, 'SSH password: ')
    const masker = new Masker()
    for (const secret of [become, login]) if (secret) masker.add(secret)
    learnSecrets(masker, input)
    vault.onSecret((secret) => masker.add(secret))
    await askPrompts(input.plays, input.extraVars, masker)
    return new Session(options, input, masker, { login, become })
  }

  /**
   * Runs the plays, or checks them.
   * @param lock whether the machines are locked: a check's are where its finding is carried out at once
   * @param aloud who is told of locks, such as that another run is waited for, where nobody listens to the check
   * @returns the exit code
   */
  async run(
    to: Reporter,
    {
      check,
      guard,
      lock = !check,
      aloud = to,
    }: { check: boolean; guard?: Guard; lock?: boolean; aloud?: Reporter },
  ): Promise<number> {
    const { options, input, masker } = this
    const reporter = maskingReporter(to, masker)
    this.#emit = (event) => reporter.report(event)
    const ofLocks = maskingReporter(aloud, masker)
    this.#emitOfLocks = (event) => ofLocks.report(event)
    this.#warn = (message) => this.#emit({ event: 'warning', message })
    const { interrupted, stopListening } = listenToSignals(reporter, () => this.#connections.all())
    this.#interrupted = interrupted
    this.#tellTruths()
    try {
      return await run({
        plays: input.plays,
        playbooks: options.playbooks,
        inventory: input.inventory,
        modules,
        extraVars: input.extraVars,
        check,
        verbosity: options.verbosity,
        maxOutput: options.maxOutput,
        guard,
        derived: DERIVED,
        onGrown: onGrown(input),
        lock,
        locks: this.#lockOfRun(),
        forks: options.forks,
        tags: options.tags,
        skipTags: options.skipTags,
        startAtTask: options.startAtTask,
        forceHandlers: options.forceHandlers,
        become: options.become,
        becomeUser: options.becomeUser,
        limit: input.limit,
        ofRun: input.ofRun,
        loginUser: options.user,
        otherwise: this.#otherwise,
        ask,
        connect: this.connect,
        renew: this.renew,
        readInventory: input.readInventory,
        onFleet: (fleet) => {
          this.#fleet = fleet
        },
        masker,
        emit: (event) => reporter.report(event),
        interrupted,
        version,
      })
    } catch (error) {
      throw hideInError(error, masker)
    } finally {
      tellTruth(undefined)
      await stopListening()
    }
  }

  /** Once for each condition. */
  #tellTruths(): void {
    const told = new Set<string>()
    tellTruth((message, { file, line, col }) => {
      const place = `${file}:${line}:${col}`
      if (told.has(place)) return
      told.add(place)
      this.#warn(`${place}: ${message}; write x | length > 0, x is truthy or x | bool`)
    })
  }

  #lockOfRun(): Locks | undefined {
    if (!this.options.lock) return undefined
    this.#locks ??= new Locks({
      holder: {
        run: randomUUID().replaceAll('-', ''),
        user: userInfo().username,
        host: hostname(),
        pid: process.pid,
        since: new Date().toISOString(),
        what: this.options.playbooks.join(' '),
      },
      wait: this.options.waitForLock,
      connect: this.connect,
      emit: (event) => this.#emitOfLocks(event),
    })
    return this.#locks
  }

  /** The hosts with their variables, without a run: for commands that only look. */
  hosts(warn: (message: string) => void): Fleet {
    const { inventory, extraVars, ofRun } = this.input
    this.#warn = warn
    this.#fleet = new Fleet({
      inventory,
      extraVars,
      // What says how a host is reached may be asked of a program.
      check: false,
      derived: DERIVED,
      connect: this.connect,
      masker: this.masker,
      emit: () => {},
      playbookDir: inventory.dir,
      ofRun,
      loginUser: this.options.user,
    })
    return this.#fleet
  }

  connect = async (name: string, reach?: Reach): Promise<Connection> => {
    const own = this.#reachOf(name, reach)
    if (!own?.variables && this.#connections.knows(name, own)) return this.#connections.get(name, own)
    // Its variables may ask a program, which is waited for.
    const spec = await settled(() => this.#specOf(name, own), { interrupted: this.#interrupted })
    return own?.variables ? this.#connections.like(spec) : this.#connections.get(name, own, () => spec)
  }

  /** The next `connect` makes a new connection. */
  forget = (name: string): void => this.#connections.forget(name, this.#reachOf(name))

  /** The same; what the old one keeps there, such as the lock, stays. */
  renew = async (name: string, reach?: Reach): Promise<void> => {
    const own = this.#reachOf(name, reach)
    if (!own?.variables) return this.#connections.renew(name, own)
    const spec = await settled(() => this.#specOf(name, own), { interrupted: this.#interrupted })
    this.#connections.renewLike(spec)
  }

  /** Who says nothing has what the play says, or what tasks have set. */
  #reachOf = (name: string, reach?: Reach): Reach | undefined => reach ?? this.#fleet?.machines.reachOf(name)

  close = (): Promise<void> => this.#connections.closeAll()
}

/** @param file above what is asked @throws {PlayError} */
async function passwordOf(
  file: string | undefined,
  asks: boolean,
  prompt: string,
): Promise<string | undefined> {
  if (!file) return asks ? askSecret(prompt) : undefined
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new PlayError('usage', `cannot read ${file}, the file of the ${prompt.replace(/: $/, '')}`, {
      cause,
    })
  }
}
