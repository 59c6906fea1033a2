import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export interface Ran {
  code: number
  stdout: string
  stderr: string
  seconds: number
}

export interface RunOptions {
  cwd?: string
  env?: Record<string, string>
  input?: string
  /** Seconds after which it is ended. */
  timeout?: number
}

/** Runs a command to its end; never throws on an exit code. */
export function command(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const started = performance.now()
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: options.cwd ?? root,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    timeout: options.timeout === undefined ? undefined : options.timeout * 1000,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  // A command that is done before it has read everything is no fault of the test.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code: code ?? -1, stdout, stderr, seconds: (performance.now() - started) / 1000 }),
    )
  })
}
