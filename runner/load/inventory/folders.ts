import { readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PlayError } from '../../errors.ts'

/** Sorted; undefined where there is no such folder. @throws {PlayError} code 'file' where it may not be read */
export function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder).sort()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new PlayError('file', `the folder ${folder} cannot be read (${code})`, { cause })
  }
}

/** The file itself, or every file in the folder and those in it, in order of names, where `keep` says so. */
export function filesUnder(
  path: string,
  keep: (name: string, folder: boolean) => boolean,
  seen = new Set<string>(),
): string[] {
  if (!isFolder(path)) return [path]
  // A link back up would never end.
  const real = realpathSync(path)
  if (seen.has(real)) return []
  seen.add(real)
  return (namesIn(path) ?? [])
    .filter((name) => keep(name, isFolder(join(path, name))))
    .flatMap((name) => filesUnder(join(path, name), keep, seen))
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
