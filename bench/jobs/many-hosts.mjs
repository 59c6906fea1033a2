import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printed, recap } from '../checks.mjs'
import { atMost, inMemory } from '../goals.mjs'
import { ansible } from '../peers.mjs'

/** Hundreds of hosts, ten commands each: many addresses of the lab's four guests. */
export function manyHostsJobs(bench) {
  const goals = [
    atMost(1 / 30, 'ansible', '1/30'),
    atMost(1 / 15, 'mitogen', '1/15'),
    // Both are ssh under xargs: a script in one session a host, and an ssh for each command through one connection.
    atMost(1 / 3, 'one-by-one', '1/3'),
    atMost(1 / 3, 'hand', '1/3'),
  ]
  return [
    { name: 'hosts-100', number: '4a', count: 100, goals },
    { name: 'hosts-500', number: '4b', count: 500, goals: [...goals, inMemory(150)] },
  ].map((job) => ({
    ...job,
    ...setUp(bench, job),
    title: `${job.count} hosts × 10 commands`,
    slow: true,
  }))
}

function setUp({ play, lab, scratch }, { name, count }) {
  const folder = join(scratch, name)
  const hosts = Array.from({ length: count }, (_, n) => ({ name: `host${n}`, ...lab.manyAddresses(n) }))
  const addresses = hosts.map(({ address }) => address)
  const known = join(folder, 'known_hosts')
  const [inventory, playbook] = [join(folder, 'hosts.yaml'), join(folder, 'playbook.yaml')]
  const check = recap({ hosts: count, ok: 10, changed: 10 })
  const script = 'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true || exit; done; echo ran $i'
  const contestants = [
    { who: 'play', argv: [...play, playbook, '-i', inventory, '--forks', '50'], check },
    ...ansible(['-i', inventory, playbook], { forks: count, scratch, check }),
    {
      who: 'hand',
      argv: ['bench/by-hand/in-parallel.sh', lab.key, known, script, ...addresses],
      check: printed(count, /^ran 10$/),
    },
    {
      who: 'one-by-one',
      argv: ['bench/by-hand/one-by-one.sh', lab.key, known, '/bin/true', '10', ...addresses],
      check: printed(count, /^ran 10$/),
    },
  ]

  const prepare = () => {
    mkdirSync(folder, { recursive: true })
    const keys = lab.hostKeys()
    writeFileSync(known, `${hosts.map(({ host, address }) => `${address} ${keys[host]}`).join('\n')}\n`)
    writeFileSync(playbook, tenCommands())
    writeFileSync(inventory, inventoryOf(hosts, { key: lab.key, known }))
  }
  return { contestants, prepare }
}

export function tenCommands() {
  return `- hosts: all\n  gather_facts: false\n  tasks:\n${'    - command: /bin/true\n'.repeat(10)}`
}

function inventoryOf(hosts, { key, known }) {
  const lines = hosts.map(({ name, address }) => `    ${name}: { ansible_host: ${address} }`)
  return `all:
  vars:
    ansible_user: admin
    ansible_ssh_private_key_file: ${key}
    ansible_ssh_common_args: -o UserKnownHostsFile=${known}
  hosts:
${lines.join('\n')}
`
}
