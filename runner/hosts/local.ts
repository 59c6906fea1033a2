import { spawn } from 'node:child_process'
import { PlayError } from '../errors.ts'
import type { Channel, Exit, Transport } from './channel.ts'
import type { ConnectionSpec } from './types.ts'

/** Starts processes on this machine, each in a session of its own so that Ctrl-C reaches `play` alone. */
export class LocalTransport implements Transport {
  constructor(private readonly spec: ConnectionSpec) {}

  async open(command: string): Promise<Channel> {
    const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'pipe', cwd: '/' })
    child.stdin.on('error', ignoreBrokenPipe)
    const exit = new Promise<Exit>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(
          new PlayError('unreachable', `${this.spec.name}: /bin/sh does not start: ${cause.message}`, {
            cause,
          }),
        ),
      )
      child.once('close', (code, signal) => resolve(signal ? { code: 128, signal } : { code: code ?? 0 }))
    })
    await Promise.race([new Promise((resolve) => child.once('spawn', resolve)), exit])
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      exit,
      destroy: () => {
        child.kill('SIGKILL')
        child.stdin.destroy()
        child.stdout.destroy()
        child.stderr.destroy()
      },
    }
  }

  async close(): Promise<void> {}
}

/** The process ended before it read all: its exit code tells. */
function ignoreBrokenPipe(): void {}
