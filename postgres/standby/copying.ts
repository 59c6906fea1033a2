import type { HostReader } from '../../contract/host.ts'

/** Processes that copy into our folder beside a data directory, or check what is in it. */
export interface Copying {
  pids: number[]
  /** Of a run that is gone: nobody waits for them. */
  isLeft: boolean
}

/** What `pgrep -f` finds them by. */
export const copyingPattern = (folder: string): string =>
  `/bin/pg_(basebackup -D|verifybackup -q) ${folder.replace(/[.+*?()[\]{}|^$\\]/g, '\\$&')}/data( |$)`

/** Looks at a copy that is at work, and the seconds between: one whose run was killed ends with its next word. */
const LOOKS = 25
const PAUSE = '0.2'

/**
 * Killed with its connection, pg_basebackup ends when it next says how far it is, once a second. It leaves the process
 * behind that streams WAL: that holds the slot and never ends by itself. One whose parent is init belongs to nobody;
 * any other is a copy at work.
 */
export async function settledCopying(host: HostReader, folder: string): Promise<Copying | undefined> {
  for (let looks = 1; ; looks += 1) {
    const found = await copying(host, folder)
    if (!found || found.isLeft || looks === LOOKS) return found
    host.waiting()
    await host.read(['sleep', PAUSE])
  }
}

export async function copying(host: HostReader, folder: string): Promise<Copying | undefined> {
  const pattern = new RegExp(copyingPattern(folder))
  // A shell or runuser that has the words in its own arguments is no copy itself.
  const found = (await host.processes()).filter(
    ({ command }) => command.startsWith('/usr/lib/postgresql/') && pattern.test(command),
  )
  if (found.length === 0) return undefined
  const orphans = new Set(found.filter(({ parent }) => parent === 1).map(({ pid }) => pid))
  const isLeft = found.every(({ pid, parent }) => orphans.has(pid) || orphans.has(parent))
  return { pids: found.map(({ pid }) => pid), isLeft }
}
