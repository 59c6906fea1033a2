import { posix } from 'node:path'
import { Refusal } from './errors.ts'
import type { FileStat } from './host.ts'

interface Lstat {
  stat(path: string): Promise<FileStat | null>
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')

/** Links in the way of one path (path_resolution(7)). */
const MOST_LINKS = 40

/**
 * Where what a path names is, past the links in the way to it: `..` behind a link leads up from where that leads, as the kernel
 * goes. The last name may be a link, or not be there.
 * @param host whose `stat` follows no link @throws {Refusal} where the links lead round in a circle
 */
export async function placeOf(host: Lstat, path: string): Promise<string> {
  const ahead = partsOf(path)
  let at = ''
  let links = 0
  while (ahead.length > 0) {
    const part = ahead.shift()!
    if (part === '..') {
      at = posix.dirname(at || '/').replace(/^\/$/, '')
      continue
    }
    const next = `${at}/${part}`
    const { type, target } = (ahead.length > 0 && (await host.stat(next))) || {}
    if (type !== 'link' || target === undefined) {
      at = next
      continue
    }
    if (++links > MOST_LINKS)
      throw new Refusal(`links on the way to ${path} lead round in a circle`, 'remove one of the links')
    ahead.unshift(...partsOf(target))
    if (target.startsWith('/')) at = ''
  }
  return at || '/'
}
