import { connect as connectSocket, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { unreachable } from './ssh-errors.ts'
import type { ConnectionSpec } from './types.ts'

/** A TCP connection to a host, or to the first machine on the way. @throws {PlayError} unreachable */
export function openSocket(spec: ConnectionSpec): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({
      host: spec.address,
      port: spec.port,
      localAddress: spec.ssh?.bindAddress,
      family: spec.ssh?.family,
      noDelay: true,
      keepAlive: true,
    })
    const timer = setTimeout(() => socket.destroy(timeoutError()), spec.connectTimeout)
    const failed = (cause: Error) => {
      clearTimeout(timer)
      const [first = cause] = cause instanceof AggregateError ? cause.errors : [cause]
      reject(unreachable(spec, first))
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      // Who uses it sees it end; until then an error must not end the run.
      socket.on('error', () => {})
      resolve(joinWrites(socket))
    })
  })
}
const timeoutError = (): Error => Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })

/**
 * ssh2 writes each packet in three pieces, which without Nagle's delay are three segments that wake the server three
 * times: what is written in one turn leaves together.
 */
function joinWrites(socket: Socket): Socket {
  const write = socket.write
  socket.write = ((...args: Parameters<Socket['write']>) => {
    if (socket.writableCorked === 0) {
      socket.cork()
      queueMicrotask(() => socket.uncork())
    }
    return write.apply(socket, args)
  }) as Socket['write']
  return socket
}
