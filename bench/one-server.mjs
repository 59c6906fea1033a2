// `node bench/one-server.mjs FOLDER COUNT`: an SSH server that answers at so many addresses of the loopback, and gives a shell to
// who has the key. Writes `key` and `known_hosts` into the folder, then says its port.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { listening, newKey, sshServer } from '../build/warm-up.mjs'

const [folder, count] = process.argv.slice(2)
const key = newKey()
const ssh = sshServer(key)
const at = (address, port) =>
  listening(
    createServer((socket) => ssh.injectSocket(socket)),
    address,
    port,
  )

/** The n-th (from 0) of thousands of addresses. */
const address = (n) => `127.8.${Math.floor(n / 250)}.${1 + (n % 250)}`
const { port } = (await at(address(0))).address()
for (let n = 1; n < Number(count); n += 1) await at(address(n), port)

const addresses = Array.from({ length: Number(count) }, (_, n) => address(n))
const [type, data] = key.public.split(' ')
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, 'known_hosts'),
  addresses.map((one) => `[${one}]:${port} ${type} ${data}\n`).join(''),
)
writeFileSync(join(folder, 'key'), key.private)
chmodSync(join(folder, 'key'), 0o600)
process.stdout.write(`${JSON.stringify({ port, addresses })}\n`)
