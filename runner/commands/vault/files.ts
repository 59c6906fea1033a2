import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, chmod, chown, lstat, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
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
 * A file is replaced at once by one with its owner, or made, for this user alone.
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
    // A link stays one.
    const target = await realpath(path).catch(() => path)
    const present = await stat(target).catch(() => undefined)
    await replace(target, content, present, mode)
  } catch (cause) {
    fail(path, 'written', cause)
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
  const target = await realpath(path).catch(() => path)
  await access(dirname(target), constants.W_OK).catch((cause) => fail(path, 'written', cause))
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
