import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recap, succeeded } from '../checks.mjs'
import { atMost } from '../goals.mjs'
import { must } from '../measure.mjs'
import { ansible } from '../peers.mjs'

const FOLDER = '/home/admin/bench-folder'
const FILE = '/home/admin/bench-file'

/** A folder of 1,000 small files and one file of 1 GiB, copied to one host: not there yet, and there already. */
export function fileJobs(bench) {
  const folder = join(bench.scratch, 'folder')
  const file = join(bench.scratch, 'file')
  const folderJob = {
    what: folder,
    to: FOLDER,
    prepare: () => makeFolder(folder),
    goals: [atMost(0.1, 'ansible', '1/10')],
  }
  const fileJob = { what: file, to: FILE, prepare: () => makeFile(file), goals: [atMost(1.1, 'scp')] }
  return [
    job(bench, { name: 'folder', number: '5a', title: '1,000 small files, new', isNew: true, ...folderJob }),
    job(bench, { name: 'folder-again', number: '5b', title: '1,000 small files, unchanged', ...folderJob }),
    job(bench, { name: 'file', number: '5c', title: '1 GiB, new', isNew: true, ...fileJob }),
    job(bench, { name: 'file-again', number: '5d', title: '1 GiB, unchanged', ...fileJob }),
  ]
}

function job(bench, { name, number, title, what, to, isNew = false, prepare, goals }) {
  const { lab } = bench
  return {
    name,
    number,
    title,
    slow: true,
    goals,
    prepare() {
      prepare()
      writePlaybook(bench, { name, what, to })
      if (!isNew) must(['rsync', '-a', '-e', ssh(lab), ...rsyncEnds(lab, what, to)])
    },
    before() {
      if (isNew) lab.exec('vm1', `rm -rf ${to}`)
      must(['sync'])
    },
    contestants: contestants(bench, { name, what, to, changed: isNew ? 1 : 0 }).map((contestant) => ({
      ...contestant,
      verify: () => sameThere(lab, what, to),
    })),
  }
}

function contestants({ play, lab, scratch }, { name, what, to, changed }) {
  const isFolder = to === FOLDER
  const playbook = join(scratch, `${name}.yaml`)
  const check = recap({ hosts: 1, changed })
  const rsync = ['rsync', '-a', '-e', ssh(lab), ...rsyncEnds(lab, what, to)]
  const [{ address }] = lab.hosts
  return [
    { who: 'play', argv: [...play, playbook, '-i', lab.inventory], check },
    ...ansible(['-i', lab.inventory, playbook], { forks: 1, scratch, check }),
    {
      who: 'scp',
      argv: ['scp', ...sshOptions(lab), '-q', '-r', isFolder ? `${what}/.` : what, `admin@${address}:${to}`],
      before: () => isFolder && lab.exec('vm1', `install -d -o admin -g admin ${to}`),
      check: succeeded,
    },
    { who: 'rsync', argv: rsync, check: succeeded },
    // As play and Ansible: contents are compared, where rsync else takes time and size for it.
    { who: 'rsync-checksum', argv: [...rsync, '--checksum'], check: succeeded },
  ]
}

function writePlaybook({ scratch }, { name, what, to }) {
  const slash = to === FOLDER ? '/' : ''
  const copy = `{ src: ${what}${slash}, dest: ${to}${slash}, mode: "0644" }`
  writeFileSync(
    join(scratch, `${name}.yaml`),
    `- hosts: vm1\n  gather_facts: false\n  tasks:\n    - copy: ${copy}\n`,
  )
}

const sshOptions = ({ key, knownHosts }) => [
  '-F',
  'none',
  '-i',
  key,
  '-o',
  `UserKnownHostsFile=${knownHosts}`,
]
const ssh = (lab) => ['ssh', ...sshOptions(lab)].join(' ')

function rsyncEnds({ hosts: [{ address }] }, what, to) {
  const slash = to === FOLDER ? '/' : ''
  return [`${what}${slash}`, `admin@${address}:${to}${slash}`]
}

function sameThere(lab, what, to) {
  const sum = (path) =>
    `cd "$(dirname ${path})" && find ${path} -type f -exec sha256sum {} + | cut -c1-64 | sort | sha256sum`
  if (must(['bash', '-c', sum(what)]) !== lab.exec('vm1', sum(to)))
    throw new Error(`${to} is not what ${what} is`)
}

/** Ten folders of a hundred files of 1 to 4 KiB, the same each time. */
function makeFolder(path) {
  for (let n = 0; n < 1000; n += 1) {
    const folder = join(path, `part-${Math.floor(n / 100)}`)
    mkdirSync(folder, { recursive: true })
    const line = `${createHash('sha256').update(String(n)).digest('hex')}\n`
    writeFileSync(join(folder, `file-${n}.txt`), line.repeat(16 + (n % 48)), { mode: 0o644 })
  }
}

function makeFile(path) {
  if (existsSync(path)) return
  for (let n = 0; n < 64; n += 1) appendFileSync(path, randomBytes(1 << 24), { mode: 0o644 })
}
