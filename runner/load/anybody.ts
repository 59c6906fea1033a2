import { realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { quoteWord } from '../../contract/quote.ts'

/** A file, or the folder that it is in, where anybody may write it: nobody's word counts there. @param path absolute */
export const openToAnybody = (path: string): string | undefined => [dirname(path), path].find(isOpen)

const modeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mode ?? 0
const isOpen = (path: string): boolean => (modeOf(path) & 0o002) !== 0
/** In a sticky one others cannot take away what is there. */
const isOpenToMoves = (path: string): boolean => (modeOf(path) & 0o1002) === 0o002

/**
 * Why a program of this machine is not run: somebody else made it, or could put another in its place. A link is looked at
 * where it stands and where it leads.
 * @param file one that is there
 */
export function objectionToProgram(file: string): { why: string; hint: string } | undefined {
  const places = [...new Set([resolve(file), realpathSync(file)])]
  for (const place of places) {
    const open = openToAnybody(place) ?? foldersOf(dirname(place)).find(isOpenToMoves)
    if (open === undefined) continue
    const why = open === place ? 'anybody may change it' : `anybody may change the folder ${open}`
    const isShared = open !== place && isOpen(open) && !isOpenToMoves(open)
    return { why, hint: isShared ? 'move it into a folder of your own' : `chmod o-w ${quoteWord(open)}` }
  }
  for (const path of places.flatMap((place) => [place, dirname(place)])) {
    const { uid } = statSync(path)
    if (!isMine(uid))
      return {
        why: `${path} belongs to another user (${uid})`,
        hint: `look at it, then: chown ${process.getuid?.()} ${quoteWord(path)}`,
      }
  }
  return undefined
}

/** Mine, root's, or of who became root to run this. */
function isMine(uid: Stats['uid']): boolean {
  const me = process.getuid?.()
  return uid === 0 || uid === me || (me === 0 && String(uid) === process.env.SUDO_UID)
}

function foldersOf(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersOf(above)]
}
