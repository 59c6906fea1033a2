import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import {
  access,
  chmod,
  chown,
  lstat,
  open,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { PlayError } from '../../errors.ts'
import { writeWhole } from '../../report/output.ts'

export interface Streams {
  input: Readable
  output: Writable
}

/** Standard input or output. */
export const STANDARD = '-'
/** Of a file that holds plain text: nobody else reads it. */
export const PRIVATE = 0o600

/** @throws {PlayError} code 'file' */
export async function readInput(path: string, { input }: Streams): Promise<Buffer> {
  if (path !== STANDARD) return readFile(path).catch((cause) => fail(path, 'read', cause))
  const parts: Buffer[] = []
  for await (const part of input) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

/**
 * A file is replaced at once by one with its owner, or made, for this user alone. A device, a named pipe and what is open
 * already (/dev/stdout) are written to.
 * @param mode what others may do is left out of the old one
 * @throws {PlayError} code 'file', 'output'
 */
export async function writeOutput(
  path: string,
  content: Buffer,
  { output }: Streams,
  mode = 0o7777,
): Promise<void> {
  if (path === STANDARD) return writeWhole(output, content)
  try {
    const place = await placeOf(path)
    const present = await stat(place).catch(() => undefined)
    if (canBeReplaced(place, present)) await replace(place, content, present, mode)
    else await pour(place, content)
  } catch (cause) {
    fail(path, 'written', cause)
  }
}

/** Where a name leads. A link stays one; those of /proc stand for what a process has open, and are the end. */
async function placeOf(path: string): Promise<string> {
  let place = resolve(path)
  for (let links = 0; links < MOST_LINKS; links++) {
    place = join(await realpath(dirname(place)), basename(place))
    const link = isOpenAlready(place) ? undefined : await readlink(place).catch(() => undefined)
    if (link === undefined) return place
    place = resolve(dirname(place), link)
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' })
}
/** As Linux has it. */
const MOST_LINKS = 40

const isOpenAlready = (place: string): boolean => place.startsWith('/proc/')

const canBeReplaced = (place: string, present: Stats | undefined): boolean =>
  !isOpenAlready(place) && (present === undefined || present.isFile())

/** Nothing that is there is cut off: a file that is open already may be appended to. */
async function pour(place: string, content: Buffer): Promise<void> {
  const file = await open(place, constants.O_WRONLY | constants.O_APPEND)
  try {
    await file.writeFile(content)
  } finally {
    await file.close()
  }
}

async function replace(
  path: string,
  content: Buffer,
  present: Stats | undefined,
  mode: number,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  const file = await open(temporary, 'wx', PRIVATE)
  try {
    await file.writeFile(content)
    await file.sync()
    await file.close()
    if (present) {
      if (present.uid !== process.getuid?.() || present.gid !== process.getgid?.())
        await chown(temporary, present.uid, present.gid)
      await chmod(temporary, present.mode & mode & 0o7777)
    }
    await rename(temporary, path)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(temporary, { force: true })
    throw error
  }
}

/** Before somebody types: a file that cannot be written afterwards is told now. @throws {PlayError} code 'file' */
export async function requireWritable(path: string): Promise<void> {
  const place = await placeOf(path).catch((cause) => fail(path, 'written', cause))
  await access(dirname(place), constants.W_OK).catch((cause) => fail(path, 'written', cause))
}

/** Before it is read: what is no file cannot take the place of what is in it. @throws {PlayError} code 'file' */
export async function requireReplaceable(path: string): Promise<void> {
  if (path === STANDARD) return
  const place = await placeOf(path).catch(() => path)
  const present = await stat(place).catch(() => undefined)
  if (present?.isDirectory() || canBeReplaced(place, present)) return
  throw new PlayError('file', `${path} is no file that could be changed where it is`, {
    hint: `--output FILE, or - for standard output`,
  })
}

/** @throws {PlayError} code 'file' */
export async function refuseExisting(path: string): Promise<void> {
  if (!(await lstat(path).catch(() => undefined))) return
  throw new PlayError('file', `${path} is there already`, { hint: `play vault edit ${path}, or encrypt` })
}

function fail(path: string, done: string, cause: unknown): never {
  const { code, message } = cause as NodeJS.ErrnoException
  const why = code === 'ENOENT' ? 'there is no such file or folder' : (code ?? message)
  throw new PlayError('file', `${path} cannot be ${done}: ${why}`, { cause })
}
