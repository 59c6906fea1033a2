import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './measure.mjs'

const PLUGINS = '/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy'
const PACKAGES = [
  ['ansible', '/usr/bin/ansible-playbook'],
  ['ansible-mitogen', PLUGINS],
  ['rsync', '/usr/bin/rsync'],
  ['time', '/usr/bin/time'],
  ['openssh-client', '/usr/bin/scp'],
]

/** Installs what is measured against, and GNU time, from the packages of this machine's release. */
export function installPeers(jobs) {
  const hasPeers = jobs.some(({ contestants }) => contestants.some(({ isPeer }) => isPeer))
  const missing = PACKAGES.filter(
    ([name, file]) => !existsSync(file) && (hasPeers || !name.startsWith('ansible')),
  ).map(([name]) => name)
  if (missing.length === 0) return
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  must(['apt-get', '-q', 'update'], { env })
  must(['apt-get', '-q', '-y', '--no-install-recommends', 'install', ...missing], { env })
}

export function peerVersions() {
  const isHere = (name) => PACKAGES.some(([one, file]) => one === name && existsSync(file))
  const version = (name) => (isHere(name) ? must(['dpkg-query', '-W', '-f', '${Version}', name]) : undefined)
  return { ansible: version('ansible'), mitogen: version('ansible-mitogen'), node: process.version }
}

/**
 * Ansible's two contestants for one playbook: itself with pipelining, and with Mitogen. Both are spared the search for
 * Python, and both start without open connections, as the others do.
 */
export function ansible(args, { forks, scratch, check }) {
  const home = join(scratch, 'ansible')
  const env = {
    ANSIBLE_HOME: home,
    ANSIBLE_LOCAL_TEMP: join(home, 'tmp'),
    ANSIBLE_FORKS: String(Math.min(forks, 50)),
    ANSIBLE_PIPELINING: '1',
    ANSIBLE_GATHERING: 'smart',
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(home, 'cp'),
    ANSIBLE_DEPRECATION_WARNINGS: '0',
  }
  const mitogen = { ANSIBLE_STRATEGY: 'mitogen_linear', ANSIBLE_STRATEGY_PLUGINS: PLUGINS }
  const argv = ['ansible-playbook', ...args]
  const before = () => {
    hangUp(env.ANSIBLE_SSH_CONTROL_PATH_DIR)
    mkdirSync(home, { recursive: true })
  }
  const after = () => hangUp(env.ANSIBLE_SSH_CONTROL_PATH_DIR)
  return [
    { who: 'ansible', isPeer: true, argv, env, before, after, check },
    { who: 'mitogen', isPeer: true, argv, env: { ...env, ...mitogen }, before, after, check },
  ]
}

/** Ends the connections that ssh's ControlPersist keeps open behind a run. */
function hangUp(folder) {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder))
    spawnSync('ssh', ['-F', 'none', '-o', `ControlPath=${join(folder, name)}`, '-O', 'exit', 'x'])
}

/** A folder for one run's files, short enough for the sockets in it. */
export const newScratch = () => mkdtempSync('/tmp/play-bench-')
