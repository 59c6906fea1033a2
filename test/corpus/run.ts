// What play accepts of the content of Ansible's in some folders:
//   npm run corpus -- FOLDER…            the share of tasks that are accepted, and why the others are not
//   npm run corpus -- --files FOLDER…    for each file too
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { judge, type Reason, type Verdict } from './judge.ts'

const { values, positionals } = parseArgs({
  options: { files: { type: 'boolean' }, all: { type: 'boolean' } },
  allowPositionals: true,
})
if (positionals.length === 0) throw new Error('name a folder: npm run corpus -- FOLDER')

interface Counts {
  name: string
  files: number
  tasks: number
  /** Without an error, or with none but a module or a role that is not there. */
  read: number
  /** Without any. */
  accepted: number
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const percent = (part: number, whole: number): string =>
  whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`

const all = positionals.map((folder) => ({ name: basename(folder), verdict: judge(folder) }))
if (values.files)
  for (const { verdict } of all)
    for (const { file, tasks } of verdict.files) {
      const wrong = tasks.filter(({ reasons }) => reasons.length > 0)
      say(`${file}: ${tasks.length - wrong.length} of ${tasks.length} tasks`)
      for (const { reasons } of wrong)
        for (const { at, kind, what } of reasons)
          say(`  ${at}: ${kind === 'language' ? '' : `no ${kind} `}${what}`)
    }
const reasons = all.flatMap(({ verdict }) => reasonsOf(verdict))
for (const kind of ['language', 'module', 'role'] as const) {
  say(
    `\n${{ language: 'Of the language', module: 'Modules that are not there', role: 'Roles that are not there' }[kind]}, by the tasks that have them:`,
  )
  for (const [what, found] of ranked(reasons.filter((one) => one.kind === kind)))
    say(`${String(found.length).padStart(6)}  ${what}${kind === 'module' ? '' : `  (${found[0]!.at})`}`)
}
say('')
const counts = all.map(({ name, verdict }) => count(name, verdict))
const total = counts.reduce((sum, one) => ({
  name: 'all',
  files: sum.files + one.files,
  tasks: sum.tasks + one.tasks,
  read: sum.read + one.read,
  accepted: sum.accepted + one.accepted,
}))
say('| repository | files | tasks | read | with their modules |')
say('|---|---|---|---|---|')
for (const { name, files, tasks, read, accepted } of counts.length > 1 ? [...counts, total] : counts)
  say(`| ${name} | ${files} | ${tasks} | ${percent(read, tasks)} | ${percent(accepted, tasks)} |`)

function count(name: string, { files }: Verdict): Counts {
  const tasks = files.flatMap((file) => file.tasks)
  return {
    name,
    files: files.length,
    tasks: tasks.length,
    read: tasks.filter((task) => task.reasons.every(({ kind }) => kind !== 'language')).length,
    accepted: tasks.filter((task) => task.reasons.length === 0).length,
  }
}

/** Each once for each task that has it. */
function reasonsOf({ files, elsewhere }: Verdict): Reason[] {
  return [...files.flatMap(({ tasks }) => tasks.flatMap((task) => task.reasons)), ...elsewhere]
}

function ranked(found: readonly Reason[]): [string, Reason[]][] {
  const groups = new Map<string, Reason[]>()
  for (const reason of found) groups.set(reason.what, [...(groups.get(reason.what) ?? []), reason])
  const sorted = [...groups].sort(([, one], [, other]) => other.length - one.length)
  return values.all ? sorted : sorted.slice(0, 40)
}
