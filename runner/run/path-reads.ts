import { Refusal } from '../../contract/errors.ts'
import { type FileStat, OTHER_SIZE } from '../../contract/host.ts'
import type { Looks } from '../hosts/types.ts'
import { type FoundFile, readFile, textOf } from './files/read.ts'

/** What is at single paths of a host, as one operating-system user sees it (the login user when left out). */
export class PathReads {
  constructor(
    readonly connection: Looks,
    readonly as: string | undefined,
  ) {}

  /** lstat with names; null where nothing is there. @throws {Refusal} where it cannot be told */
  async stat(path: string): Promise<FileStat | null> {
    const [kind, ...words] = await this.#look('stat', path)
    if (kind === '0') return null
    if (kind === '!') throw new Refusal(`cannot look at ${path}: ${textOf(words[0]!)}`)
    const [mode, uid, gid, size, mtime] = words.map(Number) as [number, number, number, number, number]
    const [owner, group, target] = words.slice(5).map(textOf) as [string, string, string]
    const type = TYPES.get(mode & 0o170000) ?? 'other'
    const stat: FileStat = {
      type,
      mode: (mode & 0o7777).toString(8).padStart(4, '0'),
      owner,
      group,
      uid,
      gid,
      size,
      mtime,
    }
    return type === 'link' ? { ...stat, target } : stat
  }

  /** sha256 in hex; null where there is no file that can be read. */
  sha256 = (path: string, size?: number): Promise<string | null> => this.#digest('sha256', path, size)
  /** BLAKE2b-512 in the same way. */
  blake2b512 = (path: string, size?: number): Promise<string | null> => this.#digest('blake2b', path, size)

  /** Links followed, as far as they can be trusted; null where there is no file. @throws {Refusal} where it cannot be read */
  async content(path: string): Promise<Buffer | null> {
    return (await this.file(path))?.content ?? null
  }

  /** The same, with whose it is. */
  file(path: string): Promise<FoundFile | null> {
    return readFile(path, this.connection, this.as)
  }

  /** Names in a folder; null where there is no folder. @throws {Refusal} where it cannot be read */
  async list(path: string): Promise<string[] | null> {
    const answer = await this.connection.look('list', path, this.as)
    if (answer.startsWith('0')) return null
    if (answer.startsWith('!')) throw new Refusal(`cannot list ${path}: ${textOf(answer.slice(2))}`)
    const names = answer.slice(2)
    return names === '' ? [] : names.split('/').map(unescaped)
  }

  async #digest(look: 'sha256' | 'blake2b', path: string, size?: number): Promise<string | null> {
    const [kind, digest] = await this.#look(look, size === undefined ? path : `${path}\0${size}`)
    if (kind === '~') return OTHER_SIZE
    return kind === '=' ? digest! : null
  }

  async #look(look: 'stat' | 'sha256' | 'blake2b', path: string): Promise<string[]> {
    return (await this.connection.look(look, path, this.as)).split(' ')
  }
}

const unescaped = (name: string): string =>
  name.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** The file types of inode(7), S_IFMT. */
const TYPES = new Map<number, FileStat['type']>([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
])
