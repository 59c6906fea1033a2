import { posix } from 'node:path'
import { Refusal } from '../../../contract/errors.ts'
import type { FileStat, HostReader } from '../../../contract/host.ts'
import type { Ownership } from '../../../contract/params.ts'
import type { Change, Step } from '../../../contract/plan.ts'
import { attributeChanges } from '../shared/attributes.ts'

/** Something under a folder whose owner, group or mode is not as wanted. */
export interface Unlike extends Ownership {
  path: string
  type: FileStat['type']
}

type Entry = [path: string, stat: FileStat]

/** Everything in a folder, links aside, that differs from `want`; the folder itself not included. */
export async function inspectTree(host: HostReader, path: string, want: Ownership): Promise<Unlike[]> {
  const entries = host.planned() ? await walk(host, path) : await find(host, path)
  const unlike = entries.flatMap(([name, stat]) => {
    const { changes, set } = attributeChanges(name, stat, want)
    return changes.length > 0 ? [{ path: name, type: stat.type, ...set }] : []
  })
  await refuseOtherBytes(
    host,
    unlike.map((one) => one.path),
  )
  return unlike
}

/** @throws {Refusal} for names that are no UTF-8, which cannot be said here */
async function refuseOtherBytes(host: HostReader, paths: readonly string[]): Promise<void> {
  const read = paths.filter((path) => path.includes('\ufffd'))
  const stats = await Promise.all(read.map((path) => host.stat(path)))
  const unsaid = read.find((_, at) => stats[at] === null)
  if (unsaid !== undefined)
    throw new Refusal(
      `the name of ${unsaid} is not UTF-8, and cannot be said to the host`,
      'rename it, or set the tree with the module command: chmod -R, chown -R',
    )
}

/** Folder by folder, with what is only planned. */
async function walk(host: HostReader, folder: string): Promise<Entry[]> {
  const names = (await host.list(folder)) ?? []
  const inner = await Promise.all(
    names.map(async (name): Promise<Entry[]> => {
      const path = posix.join(folder, name)
      const stat = await host.stat(path)
      if (!stat) await refuseOtherBytes(host, [path])
      if (!stat || stat.type === 'link') return []
      return [[path, stat], ...(stat.type === 'directory' ? await walk(host, path) : [])]
    }),
  )
  return inner.flat()
}

/** The same in one command. */
async function find(host: HostReader, path: string): Promise<Entry[]> {
  const format = '%y %m %u %U %g %G %p\\0'
  const { stdout } = await host.read(['find', path, '-mindepth', '1', '!', '-type', 'l', '-printf', format])
  return stdout.split('\0').flatMap((line): Entry[] => {
    const [, type, mode = '', owner = '', uid, group = '', gid, name = ''] =
      /^(\S) (\d+) (\S+) (\d+) (\S+) (\d+) (.*)$/s.exec(line) ?? []
    if (type === undefined) return []
    const stat = {
      type: type === 'd' ? ('directory' as const) : ('file' as const),
      mode: mode.padStart(4, '0'),
      owner,
      group,
      uid: Number(uid),
      gid: Number(gid),
      size: 0,
      mtime: 0,
    }
    return [[name, stat]]
  })
}

/** One change for the tree, and the steps that set what differs in it. */
export function planTree(
  path: string,
  unlike: readonly Unlike[],
  want: Ownership,
  through?: number,
): { changes: Change[]; steps: Step[] } {
  if (unlike.length === 0) return { changes: [], steps: [] }
  const shown = unlike.slice(0, 5).map((one) => one.path)
  const rest = unlike.length - shown.length
  const change: Change = {
    path: `${path} contents`,
    before: `${unlike.length} unlike: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
    after: [want.owner, want.group, want.mode].filter((one) => one !== undefined).join(' '),
  }
  const steps = unlike.map(
    ({ path: name, owner, group, mode }): Step => ({
      do: 'attributes',
      path: name,
      owner,
      group,
      mode,
      through,
      anyName: true,
    }),
  )
  return { changes: [change], steps }
}
