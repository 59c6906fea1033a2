import { Refusal } from '../../contract/errors.ts'
import type { FileStat } from '../../contract/host.ts'
import type { Connection } from '../hosts/types.ts'
import { PathBatch } from './batch.ts'
import { type FoundFile, readFiles } from './files/read.ts'

/** What is at single paths of a host, as one operating-system user sees it. Asked together, answered together. */
export class PathReads {
  static readonly #known = new WeakMap<Connection, Map<string | undefined, PathReads>>()
  readonly #stats = new PathBatch<FileStat | null>((paths) => this.#readStats(paths))
  readonly #sha256s = new PathBatch<string | null>((paths) => this.#readHashes('sha256sum', paths))
  readonly #contents = new PathBatch<FoundFile | Refusal | null>((paths) =>
    readFiles(paths, this.connection, this.as),
  )
  readonly #blake2bs = new PathBatch<string | null>((paths) => this.#readHashes('b2sum', paths))

  private constructor(
    readonly connection: Connection,
    readonly as: string | undefined,
  ) {}

  static of(connection: Connection, as: string | undefined): PathReads {
    const users = PathReads.#known.get(connection) ?? new Map<string | undefined, PathReads>()
    PathReads.#known.set(connection, users)
    const found = users.get(as) ?? new PathReads(connection, as)
    users.set(as, found)
    return found
  }

  /** lstat with names; null where nothing is there. @throws {Refusal} where it cannot be told */
  stat = (path: string): Promise<FileStat | null> => this.#stats.get(path)
  /** sha256 in hex; null where there is no file that can be read. */
  sha256 = (path: string): Promise<string | null> => this.#sha256s.get(path)
  /** BLAKE2b-512 in the same way. */
  blake2b512 = (path: string): Promise<string | null> => this.#blake2bs.get(path)
  /** Links followed, as far as they can be trusted; null where there is no file. @throws {Refusal} where it cannot be read */
  content = async (path: string): Promise<Buffer | null> => {
    const found = await this.#contents.get(path)
    if (found instanceof Refusal) throw found
    return found?.content ?? null
  }

  async #readStats(paths: readonly string[]): Promise<(FileStat | null)[]> {
    const { code, stdout, stderr } = await this.#exec(['stat', '--printf', STAT_FORMAT, '--', ...paths])
    const found = recordsOf(stdout)
    // Killed, it says nothing.
    const isCutShort = code !== 0 && stderr.trim() === ''
    const unclear = isCutShort || stderr.split('\n').some((line) => line !== '' && !ABSENT.test(line))
    return Promise.all(
      paths.map(async (path) => {
        const record = found.get(path)
        if (record) return this.#asStat(path, record)
        if (isCutShort) throw new Refusal(`cannot look at ${path}: stat ended with exit code ${code}`)
        if (unclear) await this.#requireAbsent(path)
        return null
      }),
    )
  }

  /** One of several could not be looked at: which one, and why. */
  async #requireAbsent(path: string): Promise<void> {
    const { code, stderr } = await this.#exec(['stat', '--', path])
    if (code !== 0 && !ABSENT.test(stderr)) throw new Refusal(`cannot look at ${path}: ${stderr.trim()}`)
  }

  async #asStat(path: string, [numbers, owner, group]: Found): Promise<FileStat> {
    const [rawMode, mode, uid, gid, size, mtime] = numbers.split(' ')
    const type = TYPES.get(Number.parseInt(rawMode!, 16) & 0o170000) ?? 'other'
    const stat: FileStat = {
      type,
      mode: mode!.padStart(4, '0'),
      owner,
      group,
      uid: Number(uid),
      gid: Number(gid),
      size: Number(size),
      mtime: Number(mtime),
    }
    if (type === 'link') stat.target = (await this.#exec(['readlink', '-n', '--', path])).stdout
    return stat
  }

  async #readHashes(program: 'sha256sum' | 'b2sum', paths: readonly string[]): Promise<(string | null)[]> {
    const { stdout } = await this.#exec(['sh', '-c', HASH_SCRIPT, 'play', program, ...paths])
    const found = new Map<string, string>()
    // `<digits>  <path>`; -z: names as they are.
    for (const line of stdout.split('\0')) {
      const end = line.indexOf('  ')
      found.set(line.slice(end + 2), line.slice(0, end))
    }
    return paths.map((path) => found.get(path) ?? null)
  }

  #exec(argv: readonly string[]) {
    return this.connection.exec(argv, { as: this.as })
  }
}

/** Of files alone: whoever reads a named pipe waits for its writer. */
const HASH_SCRIPT = `program=$1; shift
for path do shift; if [ -f "$path" ]; then set -- "$@" "$path"; fi; done
[ $# -eq 0 ] || exec "$program" -z -- "$@"`

const STAT_FORMAT = String.raw`%f %a %u %g %s %Y\0%U\0%G\0%n\0`
const ABSENT = /No such file|Not a directory/

/** The file types of inode(7), S_IFMT. */
const TYPES = new Map<number, FileStat['type']>([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
])

/** Six numbers, the owner and the group, whose names may hold blanks. */
type Found = [numbers: string, owner: string, group: string]

function recordsOf(text: string): Map<string, Found> {
  const fields = text.split('\0')
  const found = new Map<string, Found>()
  for (let at = 0; at + 3 < fields.length; at += 4)
    found.set(fields[at + 3]!, [fields[at]!, fields[at + 1]!, fields[at + 2]!])
  return found
}
