import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { recap } from '../checks.mjs'
import { inMemory, noMoreEachThan } from '../goals.mjs'
import { tenCommands } from './many-hosts.mjs'

/** Thousands of hosts, ten commands each: addresses of one small server here, since 2,000 of OpenSSH's sessions take 24 GB. */
export const oneServerJobs = (bench) => [
  { ...job(bench, 'server-100', 100), number: '4c', goals: [] },
  {
    ...job(bench, 'server-2000', 2000),
    number: '4d',
    goals: [inMemory(300), noMoreEachThan('server-100', 20)],
  },
]

function job({ play, root, scratch }, name, count) {
  const folder = join(scratch, name)
  const [inventory, playbook] = [join(folder, 'hosts.yaml'), join(folder, 'playbook.yaml')]
  let server
  return {
    name,
    title: `${count} hosts × 10 commands, addresses of one server`,
    slow: true,
    async before() {
      server = spawn(process.execPath, ['bench/one-server.mjs', folder, `${count}`], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const said = await new Promise((resolve, reject) => {
        server.stdout.once('data', resolve)
        server.once('exit', (code) => reject(new Error(`one-server.mjs ended with exit code ${code}`)))
      })
      writeFileSync(playbook, tenCommands())
      writeFileSync(inventory, inventoryOf(JSON.parse(said), folder))
    },
    contestants: [
      {
        who: 'play',
        // All of them are this machine, whose lock one run takes once.
        argv: [...play, playbook, '-i', inventory, '--forks', '50', '--no-lock'],
        check: recap({ hosts: count, ok: 10, changed: 10 }),
        after: () => void server.kill(),
      },
    ],
  }
}

function inventoryOf({ port, addresses }, folder) {
  const hosts = addresses.map((address, n) => `    host${n}: { ansible_host: ${address} }`)
  return `all:
  vars:
    ansible_user: ${userInfo().username}
    ansible_port: ${port}
    ansible_timeout: 300
    ansible_ssh_private_key_file: ${join(folder, 'key')}
    ansible_ssh_common_args: -F /dev/null -o UserKnownHostsFile=${join(folder, 'known_hosts')} -o IdentitiesOnly=yes
  hosts:
${hosts.join('\n')}
`
}
