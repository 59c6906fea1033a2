import type { Readable } from 'node:stream'
import type { Output } from '../../contract/host.ts'
import { timerOf } from '../timers.ts'
import { type Login, startAs } from './become.ts'
import { becomeError } from './become-errors.ts'
import { type Channel, exitCode, listen } from './channel.ts'
import { Kept, outputOf } from './kept.ts'
import { killTree } from './kill-tree.ts'
import { LineSplitter } from './lines.ts'
import type { RunOptions } from './types.ts'

/**
 * Runs shell text on a channel of its own, with a stream as its input: for content too large for the persistent
 * shell. The text travels on the input too, before the content, so that it stands in no process's arguments.
 *
 * @throws {PlayError} become, unreachable; what `input` itself fails with
 */
export async function runAlone(
  login: Login,
  text: string,
  input: Readable,
  {
    as,
    onLine,
    timeout,
    keep,
    onPid,
  }: Pick<RunOptions, 'as' | 'onLine' | 'timeout' | 'keep'> & { onPid?: (pid: number) => void },
): Promise<Output> {
  const channel = await startAs(login, as, ['/bin/sh', '-c', READ_TEXT])
  const out = collect(channel, { onLine, onPid, keep })
  channel.stdin.on('error', () => {})
  channel.stdin.write(`${printable(text)}\n`)
  const failed = new Promise<never>((_, reject) => {
    input.once('error', (error) => {
      channel.destroy()
      reject(error)
    })
  })
  input.pipe(channel.stdin)
  let timedOut = false
  const timer =
    timeout !== undefined &&
    setTimeout(() => {
      timedOut = true
      const pid = out.pid()
      if (pid > 0)
        killTree(login, as, pid).then(
          () => channel.stdin.end(),
          () => channel.destroy(),
        )
      else channel.destroy()
    }, timerOf(timeout))
  try {
    const exit = await Promise.race([channel.exit, failed])
    const output = out.output(timedOut ? 124 : exitCode(exit))
    if (exit.lost || out.pid() === 0) throw becomeError(login.spec, as ?? login.user, output.stderr, exit)
    return output
  } finally {
    if (timer) clearTimeout(timer)
    input.unpipe(channel.stdin)
    input.destroy()
  }
}

/** Says its process id, which proves that it runs; then the first line of input is the text, the rest is its input. */
const READ_TEXT = 'echo $$;IFS= read -r text;eval "$(printf %b "$text")"'

/** For printf's %b: one line of ASCII. */
function printable(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\0${byte.toString(8).padStart(3, '0')}`,
  ).join('')
}

/** Gathers both streams; the first line of stdout is the process id. */
function collect(
  channel: Channel,
  { onLine, onPid, keep }: Pick<RunOptions, 'onLine' | 'keep'> & { onPid?: (pid: number) => void },
) {
  const said = { stdout: new Kept(keep), stderr: new Kept(keep) }
  let head = ''
  let pid = 0
  for (const name of ['stdout', 'stderr'] as const) {
    const lines = onLine && new LineSplitter((line) => onLine(line, name))
    listen(channel[name], (part) => {
      let rest = part
      if (name === 'stdout' && pid === 0) {
        const end = part.indexOf(10)
        head += part.toString('latin1', 0, end < 0 ? part.length : end)
        if (end < 0) return
        pid = Number(head)
        onPid?.(pid)
        rest = part.subarray(end + 1)
      }
      said[name].push(rest)
      lines?.push(rest)
    })
    channel[name].once('end', () => lines?.end())
  }
  return {
    pid: () => pid,
    output: (code: number): Output => outputOf(code, said),
  }
}
