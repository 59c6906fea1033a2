import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A file, or the folder that it is in, where anybody may write it: nobody's word counts there. @param path absolute */
export const openToAnybody = (path: string): string | undefined => [dirname(path), path].find(isOpen)

function isOpen(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0
  return (mode & 0o002) !== 0
}
