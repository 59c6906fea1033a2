import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { Refusal } from '../../contract/errors.ts'
import type { FactKey, Prediction } from '../../contract/facts.ts'
import type { ControllerReader, DpkgPackage, FileStat, HostReader, Output } from '../../contract/host.ts'
import type { Plan, SqlTarget } from '../../contract/plan.ts'
import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { World } from '../../contract/world.ts'
import { assertReadCommand } from '../../modules/read-commands.ts'
import { unitOf } from '../../runner/run/host-reads.ts'

export type FakeFile = string | Buffer | ({ content?: string | Buffer } & Partial<FileStat>)
export type FakeOutput = string | Partial<Output>

export interface FakeHostOptions {
  name?: string
  /** Path → content, or stat fields. Folders above are there by themselves. */
  files?: Record<string, FakeFile>
  /** Predictions of earlier planned changes. */
  facts?: readonly Prediction[]
  /** Plans of earlier tasks, in order: what they mean is part of the world. */
  plans?: readonly Plan[]
  /** Predictions on other hosts, by name. */
  elsewhere?: Record<string, readonly Prediction[]>
  /**
   * Words joined by spaces → output; a key that ends in `*` answers every command that starts so. A text is the
   * standard output of a success.
   */
  reads?: Record<string, FakeOutput | ((argv: readonly string[], stdin?: string) => FakeOutput)>
  /** What dpkg has. */
  packages?: readonly DpkgPackage[]
  /** What gathering facts finds. */
  hostFacts?: Record<string, unknown>
  /** Its processes: lines of number, parent and words, as `ps -eo pid=,ppid=,args=` has them. */
  ps?: string | (() => string)
  /** What `systemctl show` says, of any unit; nothing where no systemd answers. */
  unit?: string
  /** Its users besides root, and its groups, by their names. */
  accounts?: readonly string[]
  /** Its clock, in seconds. */
  now?: number
  /** Queries, by a part of their text, in order: the first that fits answers. An Error is thrown. */
  sql?: [part: string | RegExp, rows: Record<string, unknown>[] | Error][]
  planned?: boolean
  controller?: Partial<ControllerReader>
  /** Names of other hosts that have a file. */
  othersWith?: (path: string) => string[]
}

export interface FakeHost extends HostReader {
  /** Every command read so far. */
  readonly commands: string[][]
  /** Names of packages that were asked for, together. */
  readonly asked: string[][]
  readonly queries: { on: SqlTarget; text: string; values: readonly unknown[] }[]
}

/** A host made of tables. It refuses every command that is not on the list of read commands. */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const files = options.files ?? {}
  const world = predicting(options.facts)
  for (const plan of options.plans ?? []) world.record(plan)
  const commands: string[][] = []
  const asked: string[][] = []
  const queries: FakeHost['queries'] = []
  const facts = new Map<string, unknown>()
  const hasAccount = (name: string) => ['root', ...(options.accounts ?? [])].includes(name)
  const host: FakeHost = {
    commands,
    asked,
    queries,
    name: options.name ?? 'host',
    waiting() {},
    planned: () => options.planned ?? (options.facts !== undefined || world.planned),
    async fact<T>(key: FactKey<T>, read: () => Promise<T>) {
      const planned = world.get(key)
      if (planned !== undefined) return planned
      if (!facts.has(key.text)) facts.set(key.text, await read())
      return facts.get(key.text) as T
    },
    predictedOn: (name, key) => predicting(options.elsewhere?.[name]).get(key),
    othersWith: async (path) => options.othersWith?.(path) ?? [],
    predictions: (group) => world.under(group),
    predicted: (key) => world.get(key),
    writtenSince: (path, key) => world.writtenSince(path, key),
    async stat(path) {
      const content = world.file(path)?.content
      const size = content instanceof Buffer ? content.length : undefined
      return world.stat(path, statOf(files, path), size)
    },
    async readFile(path) {
      const stat = await host.stat(path)
      if (stat?.type === 'directory') throw new Refusal(`${path} is a directory`)
      if (stat?.type === 'link') return host.readFile(posix.resolve(posix.dirname(path), stat.target ?? ''))
      const content = world.file(path)?.content
      if (content instanceof Unknown) throw new UnknownError(content.why)
      if (content instanceof Buffer) return content
      return stat && world.showsThrough(path) && files[path] !== undefined ? contentOf(files[path]) : null
    },
    sha256: async (path) => hashOf('sha256', await host.readFile(path)),
    blake2b: async (path) => hashOf('blake2b512', await host.readFile(path)),
    list: async (path) => world.list(path, listOf(files, path)),
    async packages(names) {
      if (names === 'all') return [...(options.packages ?? [])]
      if (names.length > 0) asked.push([...names])
      return (options.packages ?? []).filter(({ name }) => names.includes(name))
    },
    facts: async () => options.hostFacts ?? {},
    async unit(name) {
      if (!options.unit) throw new Refusal(`systemd does not answer about '${name}'`)
      return unitOf(options.unit)
    },
    user: async (name) =>
      hasAccount(name) ? { name, uid: 1000, gid: 1000, home: '/', shell: '/bin/sh' } : null,
    group: async (name) => (hasAccount(name) ? { name, gid: 1000, members: [] } : null),
    async processes() {
      const lines = typeof options.ps === 'function' ? options.ps() : (options.ps ?? '')
      return lines.split('\n').flatMap((line) => {
        const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
        return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
      })
    },
    now: async () => options.now ?? 1_700_000_000,
    async read(argv, read) {
      assertReadCommand(argv)
      commands.push([...argv])
      return answer(options.reads ?? {}, argv, read?.stdin)
    },
    ask: (on, text, values) => host.sql(on, text, values),
    parse: async (on, text) => (await host.sql(on, text)).map(({ type }) => String(type)),
    async sql(on, text, values = []) {
      queries.push({ on, text, values })
      const found = options.sql?.find(([part]) =>
        typeof part === 'string' ? text.includes(part) : part.test(text),
      )
      if (!found) throw new Error(`the fake host has no answer to the query: ${text}`)
      if (found[1] instanceof Error) throw found[1]
      return found[1]
    },
    controller: {
      largeFile: async () => null,
      file: missing('file'),
      tree: async () => null,
      whoElseWrites: async () => null,
      template: missing('template'),
      variable: async () => undefined,
      variables: async () => ({ variables: {}, files: [] }),
      fetch: missing('fetch'),
      pause: async () => {},
      ask: async () => null,
      ...options.controller,
    },
  }
  return host
}

/** A world in which this alone is planned. */
function predicting(predicts: readonly Prediction[] = []): World {
  const world = new World()
  world.record({ changes: [], steps: [], predicts })
  return world
}

const missing = (what: string) => async (path: string) => {
  throw new Error(`the fake controller has no ${what} '${path}'`)
}

function answer(
  reads: NonNullable<FakeHostOptions['reads']>,
  argv: readonly string[],
  stdin?: string,
): Output {
  const line = argv.join(' ')
  const key =
    line in reads
      ? line
      : Object.keys(reads).find((one) => one.endsWith('*') && line.startsWith(one.slice(0, -1)))
  if (key === undefined) throw new Error(`the fake host has no answer to the command: ${line}`)
  const found = reads[key]!
  const output = typeof found === 'function' ? found(argv, stdin) : found
  return { code: 0, stdout: '', stderr: '', ...(typeof output === 'string' ? { stdout: output } : output) }
}

const isPlain = (file: FakeFile): file is string | Buffer => typeof file === 'string' || Buffer.isBuffer(file)
const contentOf = (file: FakeFile): Buffer => Buffer.from(isPlain(file) ? file : (file.content ?? ''))

function statOf(files: Record<string, FakeFile>, path: string): FileStat | null {
  const file = files[path]
  const base = { owner: 'root', group: 'root', uid: 0, gid: 0, size: 0, mtime: 1_700_000_000 }
  if (file === undefined) {
    const prefix = path === '/' ? '/' : `${path}/`
    return Object.keys(files).some((name) => name.startsWith(prefix))
      ? { ...base, type: 'directory', mode: '0755' }
      : null
  }
  const fields = isPlain(file) ? {} : file
  const type = fields.type ?? 'file'
  const { content: _, ...stat } = fields as { content?: unknown } & Partial<FileStat>
  return {
    ...base,
    mode: type === 'directory' ? '0755' : '0644',
    size: contentOf(file).length,
    ...stat,
    type,
  }
}

function listOf(files: Record<string, FakeFile>, path: string): string[] | null {
  if (statOf(files, path)?.type !== 'directory') return null
  const prefix = path === '/' ? '/' : `${path}/`
  const inside = Object.keys(files).filter((file) => file.startsWith(prefix))
  return [...new Set(inside.map((file) => file.slice(prefix.length).split('/')[0]!))].sort()
}

const hashOf = (algorithm: string, content: Buffer | null): string | null =>
  content && createHash(algorithm).update(content).digest('hex')
