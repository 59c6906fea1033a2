import { existsSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PlayError } from '../errors.ts'

const MODE = 0o644

/** Where the variables of a host go. @throws {PlayError} code 'file' where it has some already: nothing is overwritten */
export function placeOfVariables(folder: string, host: string): string {
  const path = join(folder, 'host_vars', `${host}.yaml`)
  if (/[/\\\0]|^\./.test(host))
    throw new PlayError('file', `${host} is no name of a file`, {
      hint: 'Leave --write out, and put what is printed where the inventory says the variables of this host.',
    })
  const there = ['', '.yml', '.yaml', '.json']
    .map((end) => join(folder, 'host_vars', host + end))
    .find((one) => existsSync(one))
  if (there !== undefined) throw isThere(there, host)
  return path
}

const isThere = (path: string, host: string): PlayError =>
  new PlayError('file', `${path} is there already, and is not overwritten`, {
    hint: `Look at what would be written: the same command with -l ${host} and without --write. Take over from it what you want, or move ${path} away.`,
  })

/** Makes the file. @throws {PlayError} code 'file' where it came to be meanwhile, or cannot be written */
export async function writeVariables(path: string, host: string, text: string): Promise<void> {
  let isOurs = false
  try {
    await mkdir(join(path, '..'), { recursive: true })
    const file = await open(path, 'wx', MODE)
    isOurs = true
    try {
      await file.writeFile(text)
      // Whatever the umask.
      await file.chmod(MODE)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (isOurs) await rm(path, { force: true })
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') throw isThere(path, host)
    throw new PlayError('file', `${path} cannot be written: ${message}`, { cause })
  }
}
