import { createHash } from 'node:crypto'
import { readFile as readControllerFile, stat as statController } from 'node:fs/promises'
import { Refusal } from '../../contract/errors.ts'
import type { FactGroup, FactKey, FactName, Predicted } from '../../contract/facts.ts'
import type {
  ControllerReader,
  DpkgPackage,
  FileStat,
  Group,
  HostReader,
  Output,
  Process,
  Unit,
  User,
} from '../../contract/host.ts'
import { placeOf } from '../../contract/place.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import type { ReadCommand } from '../../contract/read-commands.ts'
import { Unknown, UnknownError } from '../../contract/unknown.ts'
import type { PlannedFile, World } from '../../contract/world.ts'
import { assertReadCommand } from '../../modules/read-commands.ts'
import { PlayError } from '../errors.ts'
import { isUnknownUser } from '../hosts/become-errors.ts'
import type { Connection, Looks, Reading } from '../hosts/types.ts'
import { hashOfFile } from './controller.ts'
import { type Patience, secondsTo, TookTooLong } from './deadline.ts'
import { gatherFacts } from './facts.ts'
import type { FoundFile } from './files/read.ts'
import { HostReads } from './host-reads.ts'
import { PathReads } from './path-reads.ts'

export interface ReaderContext {
  name: string
  connection: Connection
  /** The task's become user; the login user when left out. */
  as?: string
  /** When the task has taken what it may, as performance.now() tells it. */
  deadline?: number
  /** Whether the task still waits for an answer. */
  patience?: Patience
  /** Commands that only the module that reads may run. */
  reads?: readonly ReadCommand[]
  world: World
  /** Facts read since the last change on the fleet. */
  cache: Map<string, Promise<unknown>>
  plannedAnywhere: () => boolean
  /** The planned changes of another host, by name or address. */
  worldOf: (nameOrAddress: string) => World | undefined
  /** Names of the other hosts that have a file. */
  othersWith: (path: string) => Promise<string[]>
  controller: ControllerReader
  onWait: () => void
  /** Answers queries to a cluster that is stopped, but planned to run. */
  peek: (
    on: SqlTarget,
    text: string,
    values: readonly unknown[] | undefined,
    how: Reading,
  ) => Promise<Record<string, unknown>[]>
}

/** The host as a module may read it: the overlay of planned changes first, then the host itself. */
export class Reader implements HostReader {
  readonly name: string
  readonly controller: ControllerReader
  readonly #context: ReaderContext
  readonly #paths: PathReads
  readonly #hostReads: HostReads

  constructor(context: ReaderContext) {
    this.name = context.name
    this.controller = context.controller
    this.#context = context
    const looks: Looks = {
      look: (look, path, as) =>
        this.#asLater((user) => context.connection.look(look, path, user, context.patience?.signal), as),
    }
    this.#paths = new PathReads(looks, context.as)
    this.#hostReads = new HostReads(looks, context.as)
  }

  planned(where?: 'any'): boolean {
    return where === 'any' ? this.#context.plannedAnywhere() : this.#context.world.planned
  }

  waiting(): void {
    this.#context.onWait()
  }

  facts(): Promise<Record<string, unknown>> {
    return gatherFacts(this.#context.connection, this.#context.as)
  }

  predicted<T>(key: FactKey<T>): T | undefined {
    return this.#context.world.get(key)
  }

  writtenSince(path: string, key: FactName): boolean {
    return this.#context.world.writtenSince(path, key)
  }

  predictions<T>(group: FactGroup<T>): Predicted<T>[] {
    return this.#context.world.under(group)
  }

  predictedOn<T>(nameOrAddress: string, key: FactKey<T>): T | undefined {
    return this.#context.worldOf(nameOrAddress)?.get(key)
  }

  othersWith(path: string): Promise<string[]> {
    return this.#context.othersWith(path)
  }

  async fact<T>(key: FactKey<T>, read: () => Promise<T>): Promise<T> {
    const planned = this.#context.world.get(key)
    return planned === undefined ? this.#cached<T>(`fact ${key.text}`, read) : planned
  }

  async stat(path: string): Promise<FileStat | null> {
    return this.#lstat(await this.#place(path))
  }

  /** Where the paths of a plan are, before it is recorded. */
  async knowPlaces(paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map((path) => this.#place(path, true)))
  }

  /** Once something is planned, what is planned may be asked for by another way to it: by a link to a folder above. */
  async #place(path: string, isPlanned = this.#context.world.plansFiles): Promise<string> {
    const { world } = this.#context
    if (!isPlanned || path.endsWith('/')) return path
    // They travel together.
    for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1))
      this.#lstat(path.slice(0, at)).catch(() => {})
    try {
      const place = await placeOf({ stat: (one) => this.#lstat(one) }, path)
      world.place(path, place)
      return place
    } catch {
      // A folder that is closed to the task's user, or a circle: what is asked itself says so.
      return path
    }
  }

  async #lstat(path: string): Promise<FileStat | null> {
    const planned = this.#context.world.file(path)
    if (planned === null) return null
    const real = await this.#cached(`stat ${path}`, () => this.#paths.stat(path))
    return this.#context.world.stat(path, real, planned && (await plannedSize(planned)))
  }

  async readFile(named: string): Promise<Buffer | null> {
    const path = await this.#place(named)
    const planned = this.#context.world.file(path)
    if (planned === null) return null
    if (planned?.content !== undefined) return contentOf(planned.content)
    if (planned?.type === 'directory') throw new Refusal(`${path} is a folder, not a file`)
    const real = await this.#seen(path, planned, `read ${path}`, () => this.#paths.file(path))
    return real?.content ?? null
  }

  /** The file that `readFile` found at a path, or another task of the same user before any change; else undefined. */
  async found(path: string): Promise<FoundFile | undefined> {
    return (
      (await (this.#context.cache.get(this.#whose(`read ${path}`)) as
        | Promise<FoundFile | null>
        | undefined)) ?? undefined
    )
  }

  sha256 = (path: string, size?: number): Promise<string | null> => this.#hash('sha256', path, size)

  blake2b = (path: string, size?: number): Promise<string | null> => this.#hash('blake2b512', path, size)

  async #hash(algorithm: 'sha256' | 'blake2b512', named: string, size?: number): Promise<string | null> {
    const path = await this.#place(named)
    const planned = this.#context.world.file(path)
    if (planned === null) return null
    if (planned?.content !== undefined) {
      const content = known(planned.content)
      return Buffer.isBuffer(content)
        ? createHash(algorithm).update(content).digest('hex')
        : hashOfFile(algorithm, content.controllerFile)
    }
    const key = `${algorithm} ${size ?? ''} ${path}`
    return this.#seen(path, planned, key, () => this.#paths[algorithm](path, size))
  }

  /** What the host has of a file's content, where nothing planned hides it. @throws {UnknownError} where only a run makes the file */
  async #seen<T>(
    path: string,
    planned: PlannedFile | undefined,
    key: string,
    read: () => Promise<T | null>,
  ): Promise<T | null> {
    const real = this.#context.world.showsThrough(path) ? await this.#cached(key, read) : null
    if (real === null && planned?.type === 'file')
      throw new UnknownError(`what ${path} will hold is only planned so far`)
    return real
  }

  async list(named: string): Promise<string[] | null> {
    const path = await this.#place(named)
    const planned = this.#context.world.file(path)
    if (planned === null) return null
    const real = await this.#cached(`list ${path}`, () => this.#paths.list(path))
    return this.#context.world.list(path, real)
  }

  async packages(names: readonly string[] | 'all'): Promise<DpkgPackage[]> {
    return names.length === 0 ? [] : this.#hostReads.packages(names)
  }

  unit = (name: string): Promise<Unit> => this.#hostReads.unit(name)

  user = (name: string): Promise<User | null> => this.#hostReads.user(name)

  group = (name: string): Promise<Group | null> => this.#hostReads.group(name)

  processes = (): Promise<Process[]> => this.#hostReads.processes()

  now = (): Promise<number> => this.#hostReads.now()

  read(
    argv: readonly string[],
    options: { as?: string; stdin?: string; env?: Record<string, string> } = {},
  ): Promise<Output> {
    assertReadCommand(argv, this.#context.reads)
    return this.#run(argv, options)
  }

  sql(on: SqlTarget, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]> {
    return this.#query(on, text, values, 'plainly')
  }

  ask(on: SqlTarget, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]> {
    return this.#query({ words: 'users', ...on }, text, values, 'apart')
  }

  async parse(on: SqlTarget, text: string): Promise<string[]> {
    return (await this.#query(on, text, undefined, 'parsed')).map(({ type }) => String(type))
  }

  async #query(on: SqlTarget, text: string, values: readonly unknown[] | undefined, how: Reading) {
    if (on.peek) return this.#context.peek(on, text, values, how)
    const limits = { deadline: this.#context.deadline }
    return (await this.#context.connection.sql(on, text, values, { readOnly: true, how, limits })).rows
  }

  async #run(
    argv: readonly string[],
    options: { as?: string; stdin?: string; env?: Record<string, string> } = {},
  ): Promise<Output> {
    try {
      const { connection, deadline, patience } = this.#context
      const limits = { timeout: secondsTo(deadline), signal: patience?.signal }
      const { as: other, ...rest } = options
      if (other !== undefined) return await connection.read(argv, { as: other, ...limits, ...rest })
      return await this.#asLater((as) => connection.read(argv, { as, ...limits, ...rest }), this.#context.as)
    } catch (error) {
      // A user that a planned package will bring is not there yet: it answers as a missing program does.
      const mayComeLater = options.as !== undefined && this.#context.world.planned
      if (!mayComeLater || !(error instanceof PlayError) || error.code !== 'become') throw error
      return { code: 127, stdout: '', stderr: error.message }
    }
  }

  /**
   * As a user whom an earlier task of this check will make. His groups are not known yet, so that nothing is taken for closed
   * to him: root looks in his place, or the login user where that is not allowed.
   */
  async #asLater<T>(read: (as: string | undefined) => Promise<T>, as: string | undefined): Promise<T> {
    try {
      return await read(as)
    } catch (error) {
      if (as === undefined || !this.#context.world.planned || !isUnknownUser(error)) throw error
      return read('root').catch((refused: unknown) => {
        if (refused instanceof PlayError && refused.code === 'become') return read(undefined)
        throw refused
      })
    }
  }

  #cached<T>(key: string, read: () => Promise<T>): Promise<T> {
    const whose = this.#whose(key)
    let found = this.#context.cache.get(whose) as Promise<T> | undefined
    if (!found) {
      found = read()
      this.#context.cache.set(whose, found)
      const asked = found
      // Who asks later may have more time, or more luck.
      asked.catch(() => this.#context.cache.get(whose) === asked && this.#context.cache.delete(whose))
      return found
    }
    return found.catch((error: unknown) => {
      // Another task asked, and has taken what it may.
      if (!(error instanceof TookTooLong) || this.#context.patience?.isOver) throw error
      if (this.#context.cache.get(whose) === found) this.#context.cache.delete(whose)
      return this.#cached(key, read)
    })
  }

  /** Another user may see another world: a folder closed to it reads as absent. */
  #whose = (key: string): string => `${this.#context.as ?? ''} ${key}`
}

type Content = NonNullable<PlannedFile['content']>

/** @throws {UnknownError} where only the run will know it */
function known(content: Content): Exclude<Content, Unknown> {
  if (content instanceof Unknown) throw new UnknownError(content.why)
  return content
}

async function contentOf(planned: Content): Promise<Buffer> {
  const content = known(planned)
  return Buffer.isBuffer(content) ? content : readControllerFile(content.controllerFile)
}

const plannedSize = async ({ content }: PlannedFile): Promise<number | undefined> => {
  if (content === undefined || content instanceof Unknown) return undefined
  return Buffer.isBuffer(content) ? content.length : (await statController(content.controllerFile)).size
}
