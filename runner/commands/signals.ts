import { readFileSync } from 'node:fs'
import { PlayError } from '../errors.ts'
import type { HostProcess } from '../hosts/keeper.ts'
import type { Connection } from '../hosts/types.ts'
import { leaveWith } from '../leaving.ts'
import type { Reporter } from '../report/events.ts'

/** Ansible's exit code for a run that the user stopped. */
const INTERRUPTED = 99

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Until `stopListening`, which waits for what was told to end.
 *
 * The first Ctrl-C lets running steps end and begins nothing new. SIGTERM and SIGHUP, which a closed terminal sends, end
 * what runs on the hosts too, but for what must not be cut. The second of any leaves at once, and says what still runs.
 */
export function listenToSignals(
  reporter: Reporter,
  connections: () => readonly Connection[],
): { interrupted: () => boolean; stopListening: () => Promise<unknown> } {
  let stopped = false
  let halting: Promise<unknown> | undefined
  let leaving = false
  const warn = (message: string, host?: string) =>
    reporter.report({ event: 'warning', message, ...(host === undefined ? {} : { host }) })
  const onSignal = (signal: (typeof SIGNALS)[number]) => {
    if (stopped) {
      if (leaving) return leaveWith(INTERRUPTED)
      leaving = true
      void leave()
      return
    }
    stopped = true
    if (signal === 'SIGINT') {
      warn(
        'stopping: what only looks is cut, and steps that run now are let end; press Ctrl-C again to leave them',
      )
      return
    }
    warn(`${signal}: what runs on the hosts is ended, but for what must not be cut`)
    halting = Promise.all(connections().map((connection) => halt(connection, signal)))
  }

  async function halt(connection: Connection, signal: string): Promise<void> {
    const { name } = connection.spec
    const why = new PlayError('interrupted', `${name}: ended by ${signal}`)
    const { ended, stays } = await connection.halt(why)
    for (const one of ended) warn(`ended: ${described(one)}`, name)
    for (const one of stays)
      warn(`${described(one)} must not be cut, and is left to end; it keeps the lock`, name)
  }

  async function leave(): Promise<void> {
    await Promise.all(
      connections().map(async (connection) => {
        for (const one of await connection.running())
          warn(`still runs: ${described(one)}`, connection.spec.name)
      }),
    )
    await reporter.close()
    leaveWith(INTERRUPTED)
  }

  const heard = SIGNALS.filter((signal) => signal !== 'SIGHUP' || !isHangUpIgnored())
  for (const signal of heard) process.on(signal, onSignal)
  const stopListening = () => {
    for (const signal of heard) process.off(signal, onSignal)
    return Promise.resolve(halting)
  }
  return { interrupted: () => stopped, stopListening }
}

const described = ({ pid, command }: HostProcess): string => `process ${pid} (${command || 'without words'})`

/** Under nohup a closed terminal is none of the run's business, and listening would make it so. */
function isHangUpIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'
    return (BigInt(`0x${mask}`) & 1n) === 1n
  } catch {
    return false
  }
}
