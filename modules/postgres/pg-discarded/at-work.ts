import { Refusal } from '../../../contract/errors.ts'
import type { HostReader, Process } from '../../../contract/host.ts'

/** Looks at what is at work, and the seconds between: what was begun last may be about to end. */
const LOOKS = 25
const PAUSE = '0.2'

/**
 * An earlier run may be gone while its host still rewinds or copies the directory: what it writes would come into the
 * way of the next. @throws {Refusal} where it does not end within seconds
 */
export async function refuseAtWork(host: HostReader, dataDir: string): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    const found = atWork(await host.processes(), dataDir)
    if (!found) return
    if (looks === LOOKS)
      throw new Refusal(
        `an earlier run still ${found.what} ${dataDir} (process ${found.pid})`,
        'Let it end, then run again.',
      )
    host.waiting()
    await host.read(['sleep', PAUSE])
  }
}

export function atWork(
  processes: readonly Process[],
  dataDir: string,
): { what: string; pid: number } | undefined {
  for (const { pid, command } of processes) {
    // A shell that has the words in its own arguments is not at work itself.
    if (/^\/usr\/lib\/postgresql\/\d+\/bin\/pg_rewind /.test(command) && command.includes(` ${dataDir} `))
      return { what: 'rewinds', pid }
    if (command.startsWith('cp -aL ') && command.includes(` ${dataDir} `)) return { what: 'copies', pid }
  }
  return undefined
}
