// Asks the real ansible-playbook what it makes of cases, and writes answers-VERSION.jsonl, which the tests replay:
//   node test/oracle/playbooks/record.mjs [--root FOLDER] [playbooks | roles | variables | connections | magic]
// With --root (as root, Linux) the ansible-playbook of a Debian below that folder is asked. The cases are in cases.yaml, or what
// cases.mjs makes; a folder tree/ beside them is beside each playbook.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { parse } from 'yaml'

const here = new URL('.', import.meta.url).pathname
const { values: options, positionals } = parseArgs({
  options: { root: { type: 'string' } },
  allowPositionals: true,
})
const { root } = options
const folderOfCases = join(here, '..', positionals[0] ?? 'playbooks')
const tree = join(folderOfCases, 'tree')
const scratch = mkdtempSync(join(tmpdir(), 'play-oracle-'))
/** Where the scratch folder is for ansible-playbook. */
const inside = root ? '/mnt' : scratch
const run = promisify(execFile)

const command = (words) =>
  root
    ? [
        'unshare',
        '-m',
        'sh',
        '-c',
        `mount --bind ${scratch} ${root}/mnt && exec chroot ${root} "$@"`,
        'sh',
        ...words,
      ]
    : words

const ask = async (words) => {
  const [program, ...args] = command(['env', 'LC_ALL=C.UTF-8', ...words])
  return run(program, args).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  )
}

const LOCAL = 'ansible_connection=local ansible_python_interpreter=/usr/bin/python3'

const inventoryOf = ({ hosts = 'h1', unreachable = [], inventory }) =>
  inventory?.replaceAll('HOST', LOCAL) ??
  hosts
    .split(' ')
    .map((name) =>
      unreachable.includes(name)
        ? `${name} ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=1\n`
        : `${name} ${LOCAL}\n`,
    )
    .join('')

/** What is beside the playbook is asked with it. */
const treeText = existsSync(tree)
  ? readdirSync(tree, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name))
      .sort()
      .map((path) => `${relative(tree, path)}\n${readFileSync(path, 'utf8')}`)
      .join('')
  : ''

const digestOf = ({ differs: _, ...one }) =>
  createHash('sha256').update(JSON.stringify(one)).update(treeText).digest('hex').slice(0, 12)

async function answerTo(one, index) {
  const folder = `case-${index}`
  mkdirSync(join(scratch, folder))
  if (existsSync(tree)) cpSync(tree, join(scratch, folder), { recursive: true })
  for (const [name, text] of Object.entries(one.files ?? {})) {
    mkdirSync(dirname(join(scratch, folder, name)), { recursive: true })
    writeFileSync(join(scratch, folder, name), text)
  }
  writeFileSync(join(scratch, folder, 'site.yaml'), one.playbook)
  const inventory = one.inventory === undefined ? 'hosts' : 'inventory/hosts'
  mkdirSync(dirname(join(scratch, folder, inventory)), { recursive: true })
  writeFileSync(join(scratch, folder, inventory), inventoryOf(one))
  const { code, stdout, stderr } = await ask([
    ...[
      `ANSIBLE_CALLBACK_PLUGINS=${inside}/plugins`,
      'ANSIBLE_STDOUT_CALLBACK=events',
      'ANSIBLE_RETRY_FILES_ENABLED=0',
      ...(positionals.length > 0 ? ['EVENTS_SAY=1'] : []),
    ],
    ...[
      'ANSIBLE_LOCAL_TEMP=/tmp',
      'ansible-playbook',
      `${inside}/${folder}/site.yaml`,
      '-i',
      `${inside}/${folder}/${inventory}`,
    ],
    ...(one.args ?? []),
  ])
  const events = stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('@[') ? [JSON.parse(line.slice(1))] : []))
  if (events.length === 0) process.stderr.write(`${one.name}: ${stdout}${stderr}\n`)
  return { name: one.name, asked: digestOf(one), code, events }
}

try {
  mkdirSync(join(scratch, 'plugins'))
  writeFileSync(join(scratch, 'plugins', 'events.py'), readFileSync(join(here, 'events.py')).toString())
  const [, version] = /core (\d+\.\d+)/.exec((await ask(['ansible-playbook', '--version'])).stdout)
  const made = join(folderOfCases, 'cases.mjs')
  const cases = existsSync(made)
    ? (await import(made)).default
    : parse(readFileSync(join(folderOfCases, 'cases.yaml'), 'utf8'))
  const wanted = cases.filter(({ only }) => only === undefined || String(only) === version)
  const path = join(folderOfCases, `answers-${version}.jsonl`)
  // What is known of a case that has not changed is not asked again.
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
  const known = new Map(lines.map((line) => JSON.parse(line)).map((one) => [one.name, one]))
  const write = () => {
    const found = wanted.flatMap(({ name }) => (known.has(name) ? [JSON.stringify(known.get(name))] : []))
    writeFileSync(path, `${found.join('\n')}\n`)
  }
  const left = wanted.filter((one) => known.get(one.name)?.asked !== digestOf(one)).values()
  let index = 0
  const work = async () => {
    for (const one of left) {
      known.set(one.name, await answerTo(one, index++))
      write()
    }
  }
  await Promise.all([1, 2, 3].map(work))
  write()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
