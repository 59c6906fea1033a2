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
  ended: Promise<Ended>
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
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk
      if (recap === undefined && said.includes('"event":"recap"')) recap = performance.now()
      if (first !== undefined || !said.includes('"event":"task_start"')) return
      first = performance.now()
      begin()
    })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      begin()
      resolve({ code: code ?? -1, said, first, at: recap ?? performance.now() })
    })
  })
  return { begun, ended }
}
