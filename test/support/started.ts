import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './play.ts'

export interface Ended {
  code: number
  /** All that it said. */
  said: string
  /** When its first task began, and when it told its recap, after which it gives its locks back; ms of the same clock. */
  first: number | undefined
  at: number
}

/** A run of the built `play` that is under way. */
export interface Started {
  /** Its first task has begun, or it has ended. */
  begun: Promise<void>
  /** It has said that another run holds a machine, or its first task has begun, or it has ended. */
  hasAsked: Promise<void>
  ended: Promise<Ended>
  /** Keeps the process where it is, its locks with it. */
  hold(): void
  goOn(): void
}

/** Starts `play … --output jsonl` (status: --output json), and goes on. */
export function start(args: readonly string[]): Started {
  const output = args[0] === 'status' ? 'json' : 'jsonl'
  const child = spawn(process.execPath, [join(root, 'dist/play.js'), ...args, '--output', output], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let first: number | undefined
  let recap: number | undefined
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  let askedFor = () => {}
  const hasAsked = new Promise<void>((resolve) => {
    askedFor = resolve
  })
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk
      if (said.includes('held by')) askedFor()
      if (recap === undefined && said.includes('"event":"recap"')) recap = performance.now()
      if (first !== undefined || !said.includes('"event":"task_start"')) return
      first = performance.now()
      begin()
      askedFor()
    })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      begin()
      askedFor()
      resolve({ code: code ?? -1, said, first, at: recap ?? performance.now() })
    })
  })
  return { begun, hasAsked, ended, hold: () => child.kill('SIGSTOP'), goOn: () => child.kill('SIGCONT') }
}
