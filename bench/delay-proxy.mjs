#!/usr/bin/env node
// delay-proxy.mjs UID MILLISECONDS PORT=ADDRESS:PORT...
// Stands in for `tc netem` on kernels without it. What a client sends reaches the host MILLISECONDS late, in order and
// without a limit of bandwidth; answers come back at once. So each round trip takes MILLISECONDS more, that of
// connecting included. Runs as UID, prints a line when it listens.
import { connect, createServer } from 'node:net'

const [uid, milliseconds, ...ends] = process.argv.slice(2)
const delay = Number(milliseconds)

await Promise.all(
  ends.map((end) => {
    const [port, target] = end.split('=')
    const [host, hostPort] = target.split(':')
    return new Promise((resolve) => {
      createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
        serve(client, host, Number(hostPort)),
      ).listen(Number(port), resolve)
    })
  }),
)
process.setuid(Number(uid))
process.stdout.write('listening\n')

function serve(client, host, port) {
  client.pause()
  client.on('error', () => client.destroy())
  later(() => {
    const server = connect({ host, port, noDelay: true, allowHalfOpen: true }, () => {
      client.on('data', (chunk) => later(() => server.write(chunk)))
      client.on('end', () => later(() => server.end()))
      client.resume()
      server.pipe(client)
    })
    server.on('error', () => client.destroy())
    server.on('close', () => client.destroy())
    client.on('close', () => later(() => server.destroy()))
  })
}

/** Timers of one length fire in the order in which they were set. */
function later(act) {
  setTimeout(act, delay)
}
