import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './measure.mjs'
import { SMALLEST_PROGRAM, smallestProgram } from './smallest-program.mjs'

const NETWORK = '10.20.0'
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']

/**
 * The benchmarks' own lab, beside others: the same guests with what the peers need in them (Python for Ansible, rsync),
 * and more addresses than hosts. `up` and `reset` are the lab's commands, followed by what a benchmark needs besides.
 */
export function benchLab(root) {
  const env = {
    PLAY_LAB_NAME: 'bench',
    PLAY_LAB_NETWORK: NETWORK,
    PLAY_LAB_HOSTS: String(HOSTS.length),
    PLAY_LAB_IMAGE_EXTRA: 'python3,python3-apt,python3-psycopg2,rsync',
  }
  const lab = (...words) => must([join(root, 'lab/lab'), ...words], { cwd: root, env })
  const state = join(process.env.PLAY_LAB_STATE ?? join(root, 'lab/.state'), 'bench')
  return {
    network: NETWORK,
    hosts: HOSTS.map((name, index) => ({ name, address: `${NETWORK}.${11 + index}` })),
    inventory: join(state, 'inventory'),
    key: join(state, 'id_ed25519'),
    knownHosts: join(state, 'known_hosts'),
    up() {
      lab('up')
      prepareGuests(lab)
    },
    reset() {
      lab('reset')
      prepareGuests(lab)
    },
    down: () => lab('down'),
    exec: (host, command) => lab('exec', host, 'bash', '-c', command),
    net: (host, ...words) => lab('net', host, ...words),
    manyAddresses,
    hostKeys: () => hostKeys(join(state, 'known_hosts')),
  }
}

/** The n-th (from 0) of up to 1,000 addresses, and which of the hosts (from 0) answers there. */
function manyAddresses(n) {
  const host = n % HOSTS.length
  return {
    host,
    address: `${NETWORK.replace(/\d+$/, String(101 + host))}.${1 + Math.floor(n / HOSTS.length)}`,
  }
}

/** The hosts' public keys in their order. */
function hostKeys(file) {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map((line) => line.slice(line.indexOf(' ') + 1))
}

// A server drops connections when ten wait to log in, so hundreds at once would be luck. And each guest answers at a
// whole network's addresses: tools share one connection among inventory names that have one address. Mitogen starts
// Python with sudo, which the lab's own rules (docs/sudoers) do not let it.
function prepareGuests(lab) {
  const program = smallestProgram().toString('base64')
  HOSTS.forEach((host, index) => {
    const network = manyAddresses(index).address.replace(/\d+$/, '0/24')
    lab(
      'exec',
      host,
      'bash',
      '-c',
      `echo 'MaxStartups 1000' >/etc/ssh/sshd_config.d/bench.conf && echo 'admin ALL = (ALL) NOPASSWD: ALL' >/etc/sudoers.d/zz-bench && systemctl reload ssh && echo ${program} | base64 -d >${SMALLEST_PROGRAM} && chmod 755 ${SMALLEST_PROGRAM} && ip route replace local ${network} dev lo`,
    )
    must(['ip', 'route', 'replace', network, 'via', `${NETWORK}.${11 + index}`])
  })
}
