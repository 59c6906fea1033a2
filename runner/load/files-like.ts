import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { matchesGlob } from '../../contract/glob.ts'

/** The files of this machine that a pattern fits, `*`, `?` and `[ ]` in any part of it; names with a dot at the start only where it has one too. */
export const filesLike = (pattern: string): string[] => pathsLike(pattern).filter(isFile)

export const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function pathsLike(pattern: string): string[] {
  const parent = dirname(pattern)
  if (parent === pattern) return [pattern]
  const last = basename(pattern)
  return pathsLike(parent).flatMap((folder) => {
    if (!/[*?[]/.test(last)) return [join(folder, last)]
    return namesIn(folder)
      .filter((name) => (last.startsWith('.') || !name.startsWith('.')) && matchesGlob(last, name))
      .sort()
      .map((name) => join(folder, name))
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
