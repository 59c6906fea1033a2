import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { must } from './measure.mjs'

const TABLE = 'play-bench-delay'
const NOBODY = 65534
const PORT = 22000

/**
 * Makes what is sent to the lab's hosts late by so many milliseconds. The kernel's netem does it on the wire; where
 * there is none, a proxy on this machine delays what goes to the hosts' ssh servers, and the packet filter leads
 * connections through it, so that nobody's inventory or command line differs. Answers how it was done and `end`.
 */
export async function delayWires(lab, milliseconds) {
  try {
    for (const { name } of lab.hosts) lab.net(name, 'delay', `${milliseconds}ms`)
    return { how: 'netem on the bridge', end: () => heal(lab) }
  } catch {
    heal(lab)
  }
  const ends = lab.hosts.map(({ address }, index) => `${PORT + index}=${address}:22`)
  const script = join(dirname(fileURLToPath(import.meta.url)), 'delay-proxy.mjs')
  const proxy = spawn(process.execPath, [script, String(NOBODY), String(milliseconds), ...ends], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve, reject) => {
    proxy.stdout.once('data', resolve)
    proxy.once('exit', (code) => reject(new Error(`delay-proxy.mjs ended with exit code ${code}`)))
  })
  leadThroughProxy(lab)
  return {
    how: 'a TCP proxy on this machine (this kernel has no netem)',
    end() {
      must(['nft', 'delete', 'table', 'ip', TABLE])
      proxy.kill()
    },
  }
}

function heal(lab) {
  for (const { name } of lab.hosts) lab.net(name, 'heal')
}

/** The proxy's own connections are told by its user. */
function leadThroughProxy(lab) {
  const rules = lab.hosts.map(
    ({ address }, index) =>
      `    ip daddr ${address} tcp dport 22 meta skuid != ${NOBODY} redirect to :${PORT + index}`,
  )
  const head = [`table ip ${TABLE}`, `delete table ip ${TABLE}`]
  const chain = [`table ip ${TABLE} {`, '  chain output {', '    type nat hook output priority -100;']
  must(['nft', '-f', '-'], { input: `${[...head, ...chain, ...rules, '  }', '}'].join('\n')}\n` })
}
