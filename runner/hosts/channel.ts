import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'

/** How a process on the host ended. `lost`: the connection went away first. */
export interface Exit {
  code: number
  signal?: string
  lost?: boolean
}

/** As a shell would give it: 128 and the signal's number where one ended it. */
export const exitCode = ({ code, signal }: Exit): number =>
  signal ? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0) : code

/** One process on the host with its three streams. */
export interface Channel {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves once the process ended and both streams are read to their end. Never rejects. */
  readonly exit: Promise<Exit>
  /** Gives up on it: closes all three streams at once. */
  destroy(): void
}

/** What starts processes on one host. */
export interface Transport {
  /** Starts a command line, read by the login shell. @throws {PlayError} unreachable */
  open(command: string): Promise<Channel>
  close(): Promise<void>
}

/** Reads a stream, also one that was paused on the way here. */
export function listen(stream: Readable, onData: (part: Buffer) => void): void {
  stream.on('data', onData).resume()
}

/** What a stream says, as bytes, for short answers: its first MiB. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  listen(stream, (part) => {
    if (length < 1024 * 1024) parts.push(part)
    length += part.length
  })
  await new Promise<void>((resolve) => stream.once('close', resolve).once('end', resolve))
  return Buffer.concat(parts)
}
