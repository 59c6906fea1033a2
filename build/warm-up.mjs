import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'

/**
 * Writes dist/main.cache, V8's code for what two runs compiled, which go the way of most: site.yaml is read, checked and
 * listed; a small playbook that changes nothing runs over SSH, on this machine and with a server of our own. No run may do
 * more: this is somebody's machine. That one's inventory is our own file, with nothing but our own server in it.
 */
export async function warmUp() {
  const folder = await mkdtemp(join(tmpdir(), 'play-build-'))
  const key = newKey()
  const server = await listening(sshServer(key), '127.0.0.1')
  try {
    await writeInputs(folder, key, server.address().port)
    // Where there are no GNU tools, or no loopback to log in over, the list alone.
    const refused = await runAll([LIST, overSsh(folder)])
    const broken = refused && (await runAll([LIST]))
    if (broken) throw new Error(`the bundle does not run:\n${refused}\n${broken}`)
    if (refused)
      process.stderr.write(`play will start slower: the run over SSH failed in the build.\n${refused}`)
  } finally {
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** One key in 256 is a byte too short for ssh2 to read again (1.17). */
export function newKey() {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync('ed25519')
    if (
      !(ssh2.utils.parseKey(key.public) instanceof Error) &&
      !(ssh2.utils.parseKey(key.private) instanceof Error)
    )
      return key
  }
}

/** An SSH server that gives a shell to the holder of `key`, which is the host's key too. */
export function sshServer(key) {
  const ours = ssh2.utils.parseKey(key.public).getPublicSSH()
  return new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on('error', () => {})
    client.on('authentication', (attempt) => {
      const known = attempt.method === 'publickey' && attempt.key.data.equals(ours)
      if (known) attempt.accept()
      else attempt.reject(['publickey'])
    })
    client.on('session', (accept) =>
      accept().on('exec', (acceptExec, _reject, { command }) => execute(acceptExec(), command)),
    )
  })
}

export const listening = (server, address, port = 0) =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => resolve(server))
  })

function execute(stream, command) {
  const child = spawn('/bin/sh', ['-c', command])
  stream.pipe(child.stdin)
  child.stdout.pipe(stream, { end: false })
  child.stderr.pipe(stream.stderr, { end: false })
  child.stdin.on('error', () => {})
  child.on('close', (code) => {
    stream.exit(code ?? 1)
    stream.end()
  })
}

export const LIST = ['playbooks/site.yaml', '-i', 'inventory', '--list-tasks']
/** Without a lock: it would leave a folder on this machine, and two builds would refuse each other. */
export const overSsh = (folder) => [
  join(folder, 'playbook.yaml'),
  '-i',
  join(folder, 'hosts.yaml'),
  '--no-lock',
]

/** Looks, and commands that do nothing. */
export const PLAYBOOK = `- hosts: here
  gather_facts: false
  tasks:
    - name: A command
      command: /bin/true
      register: first
      changed_when: false
    - shell: echo {{ inventory_hostname }}
      loop: [1, 2]
      when: has(vars.first)
      changed_when: false
    - stat: { path: /etc/hosts }
    - debug: { msg: '{{ first.rc }}' }
`

async function writeInputs(folder, key, port) {
  const write = (name, text) => writeFile(join(folder, name), text)
  const [type, data] = key.public.split(' ')
  await write('key', key.private)
  await chmod(join(folder, 'key'), 0o600)
  await write('known_hosts', `[127.0.0.1]:${port} ${type} ${data}\n`)
  await write('playbook.yaml', PLAYBOOK)
  await write(
    'hosts.yaml',
    `all:
  hosts:
    here:
      ansible_host: 127.0.0.1
      ansible_port: ${port}
      ansible_user: ${userInfo().username}
      ansible_ssh_private_key_file: ${join(folder, 'key')}
      ansible_ssh_common_args: -F /dev/null -o UserKnownHostsFile=${join(folder, 'known_hosts')} -o IdentitiesOnly=yes
`,
  )
}

/** @returns what they said where one failed */
async function runAll(runs) {
  const child = spawn(process.execPath, ['dist/play.js'], {
    env: { ...process.env, PLAY_WARM_UPS: JSON.stringify(runs) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part))
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  return status === 0 ? undefined : said
}
