import * as z from 'zod'
import { withoutEnd } from '../../contract/ends.ts'
import { predict } from '../../contract/facts.ts'
import type { FileStat, HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, flag, ownership, param, text } from '../../contract/params.ts'
import type { Change, Plan, Step } from '../../contract/plan.ts'
import { ignored, refused } from '../aliases/alias.ts'
import { attributeChanges } from '../files/shared/attributes.ts'
import { resolveMode } from '../files/shared/mode.ts'
import { refuseConflict } from './shared/conflicts.ts'
import { explainApt, fetchFailed } from './shared/explain.ts'
import { type PlannedSources, plannedSourcesKey, ROOT } from './shared/predictions.ts'
import { SOURCES, sourceFiles } from './shared/source-files.ts'
import { updateSteps } from './shared/steps.ts'

const OF_UBUNTU = 'give its line: deb [signed-by=/etc/apt/keyrings/NAME.asc] ADDRESS SUITE COMPONENT'

const params = z.strictObject({
  repo: param(
    text({
      expected: `a line of sources.list(5), such as 'deb http://deb.example/debian bookworm main' (of ppa: ${OF_UBUNTU})`,
      fits: /^\s*deb(-src)?\s+(\[[^\]]*\]\s*)?\S+\s+\S+/,
    }),
    'The line of the repository.',
    { example: 'deb [signed-by=/etc/apt/keyrings/pgdg.asc] http://deb.example/pgdg bookworm-pgdg main' },
  ),
  state: param(
    choice('present', 'absent').default('present'),
    '`absent` takes it out of every file of apt that has it.',
  ),
  filename: param(
    text({ expected: 'a name of letters, digits, _ . and -', fits: /^[\w.-]+$/ }).optional(),
    `The file in ${SOURCES} that a new one is added to, without its \`.list\`.`,
    { unset: 'made of the address, as Ansible does', example: 'pgdg' },
  ),
  update_cache: param(flag().default(true), 'Fetch the package lists where something changed.', {
    aliases: ['update-cache'],
  }),
  codename: refused(`it belongs to ppa: ${OF_UBUNTU}`),
  mode: ownership.mode.meta({
    description: "The file's permissions, '0640' in quotes or symbolic.",
    example: '0640',
    unset: 'left as they are; 0644 for a new file',
  }),
  update_cache_retries: ignored('until and retries on the task try again'),
  update_cache_retry_max_delay: ignored('delay on the task says how long to wait'),
  install_python_apt: ignored('nothing is needed on the host'),
  validate_certs: ignored('it belongs to ppa:'),
})
type Params = z.infer<typeof params>

interface State {
  /** Each file that changes, as it is and shall be; null: there is none. */
  files: { path: string; before: string | null; after: string | null; stat: FileStat | null }[]
  /** Files that have the line, where the task says their mode. */
  kept: { path: string; stat: FileStat }[]
  planned: PlannedSources
  /** The keyring that the line names, where the host has it or will. */
  key?: { path: string; base64: string }
}

export const aptRepositoryModule = defineModule<Params, State>({
  name: 'apt_repository',
  summary:
    'Have the line of a Debian package repository in a file of apt, or have it out; apt_repo brings its key too',
  freeForm: 'repo',
  params,
  inspect,
  plan,
  result({ params: { repo, state }, outputs }) {
    const output = outputs?.map((one) => one.stdout + one.stderr).join('') ?? ''
    if (!fetchFailed(output)) return { repo, state }
    const { lines, hint } = explainApt(output)
    const msg = [`the package lists could not be fetched: ${lines.join('\n')}`, hint]
      .filter(Boolean)
      .join('\n')
    return { repo, state, failed: true, msg }
  },
})

async function inspect(host: HostReader, params: Params): Promise<State> {
  const all = await sourceFiles(host)
  const found = all.flatMap(({ path, text }) =>
    path.endsWith('.list') && text.split('\n').some((line) => plain(line) === plain(params.repo))
      ? [{ path, before: text }]
      : [],
  )
  const planned = host.predicted(plannedSourcesKey()) ?? { sources: [], keys: [], removed: [] }
  const stats = async () =>
    Promise.all(found.map(async (file) => ({ ...file, stat: await host.stat(file.path) })))
  if (params.state === 'absent') {
    const files = (await stats()).map((file) => ({ ...file, after: without(file.before, params.repo) }))
    return { planned, files, kept: [] }
  }
  if (found.length > 0) {
    const known = params.mode === undefined ? [] : await stats()
    return { planned, files: [], kept: known.flatMap(({ path, stat }) => (stat ? [{ path, stat }] : [])) }
  }
  const path = `${SOURCES}/${params.filename ?? nameOf(params.repo)}.list`
  const before = all.find((file) => file.path === path)?.text ?? null
  const after = `${before === null ? '' : `${withoutEnd(before, /\n/)}\n`}${plain(params.repo)}\n`
  refuseConflict({ path, text: after }, all, ({ option, value, path }) =>
    value !== '' && !value.includes('\n')
      ? `say the same in the line: [${option}=${value}]; or take the other entry out of ${path} first`
      : `leave ${option} out of the line, or take the other entry out of ${path} first`,
  )
  const keyring = /\bsigned-by=([^\s\],]+)/i.exec(plain(params.repo).split(']', 1)[0]!)?.[1]
  const key = keyring?.startsWith('/') ? await host.readFile(keyring) : null
  return {
    planned,
    files: [{ path, before, after, stat: before === null ? null : await host.stat(path) }],
    kept: [],
    ...(key ? { key: { path: keyring!, base64: key.toString('base64') } } : {}),
  }
}

/** Without comment, and one blank between words. */
const plain = (line: string): string => line.replace(/#.*/, '').trim().replace(/\s+/g, ' ')

function without(text: string, repo: string): string | null {
  const left = text.split('\n').filter((line) => plain(line) !== plain(repo))
  return left.every((line) => line.trim() === '') ? null : left.join('\n')
}

/** Of the address: `http://me:x@deb.example/debian` → `deb_example_debian`. */
function nameOf(repo: string): string {
  const [address = ''] = plain(repo)
    .replace(/^([^[]*)\[[^\]]*\]/, '$1')
    .replace(/^deb(-src)?\s+/, '')
    .trim()
    .split(' ')
  const words = address.replace(/\b\w+:\/\//, '').replace(/^[^@/]*@/, '')
  return words
    .split(/[^a-zA-Z0-9]+/)
    .filter(Boolean)
    .join('_')
}

function plan({ files, kept, planned, key }: State, { update_cache, mode }: Params): Plan {
  if (files.length === 0) {
    const changes: Change[] = []
    const steps: Step[] = []
    for (const { path, stat } of kept) {
      const differs = attributeChanges(path, stat, { mode })
      changes.push(...differs.changes)
      if (differs.changes.length > 0) steps.push({ do: 'attributes', path, ...differs.set })
    }
    return { changes, steps }
  }
  const changes: Change[] = files.map(({ path, before, after }) => ({ path, before, after, text: true }))
  const steps: Step[] = files.map((file) => stepFor(file, mode))
  if (update_cache) {
    changes.push({ path: 'package lists', before: 'as they were', after: 'fetched' })
    steps.push(...updateSteps(120))
  }
  return { changes, steps, predicts: [predict(plannedSourcesKey(), withFiles(planned, files, key))] }
}

/** A file that is there keeps its rights: an address may hold a password. */
function stepFor({ path, after, stat }: State['files'][number], mode: string | undefined): Step {
  if (after === null) return { do: 'remove', path }
  const step = { do: 'write_file', path, content: after, keeps: true } as const
  if (!stat)
    return { ...step, owner: 'root', group: 'root', mode: resolveMode(mode ?? '0644', '0644', false) }
  return mode === undefined ? step : { ...step, mode: resolveMode(mode, stat.mode, false) }
}

/** What apt_install needs in check mode, to read the lists that would be fetched. */
function withFiles(planned: PlannedSources, files: State['files'], key: State['key']): PlannedSources {
  const touched = files.map(({ path }) => path)
  const text = (after: string) =>
    key === undefined ? after : after.replaceAll(`=${key.path}`, `=${ROOT}${key.path}`)
  return {
    sources: [
      ...planned.sources.filter(({ path }) => !touched.includes(path)),
      ...files.flatMap(({ path, after }) => (after === null ? [] : [{ path, text: text(after) }])),
    ],
    keys: [...planned.keys.filter(({ path }) => path !== key?.path), ...(key ? [key] : [])],
    removed: [
      ...planned.removed.filter((path) => !touched.includes(path)),
      ...files.flatMap(({ path, after }) => (after === null ? [path] : [])),
    ],
  }
}
