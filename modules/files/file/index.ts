import { posix } from 'node:path'
import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import type { FileStat, HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, flag, hostPath, type Ownership, ownership, param, text } from '../../../contract/params.ts'
import { placeOf } from '../../../contract/place.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { attributeChanges, described } from '../shared/attributes.ts'
import {
  type Followed,
  missingParents,
  refuseNotHis,
  requireAccounts,
  requireKnown,
  requireKnownToMake,
  requireParent,
  statFollowed,
} from '../shared/inspect.ts'
import { resolveMode } from '../shared/mode.ts'
import { planLink } from './link.ts'
import { inspectTree, planTree, type Unlike } from './recurse.ts'

const linked = () =>
  text({ expected: 'what the link leads to', fits: (target) => /^[^\0]+$/.test(target), takes: 'path' })

const params = z
  .strictObject({
    path: param(hostPath(), 'The path on the host.', { aliases: ['dest', 'name'], example: '/srv/backup' }),
    state: param(
      choice('file', 'directory', 'absent', 'touch', 'link').optional(),
      '`directory` makes it with its parents; `absent` removes it with all in it; `touch` makes an empty file; `link` a symbolic link to `src`; `file` sets owner, group and mode of what must be there. Without it: of whatever is there.',
      { unset: 'whatever is there; only owner, group and mode are set' },
    ),
    src: param(linked().optional(), 'What a link points to, as it is to stand in the link.', {
      example: '/srv/pg',
      unset: 'needed with `state: link`',
    }),
    ...ownership,
    recurse: param(flag().default(false), 'Set owner, group and mode of all that a folder holds, too.'),
    force: param(flag().default(false), 'Make a link though its target is missing, or in place of a file.'),
    modification_time: param(
      choice('now', 'preserve').default('now'),
      'Whether `touch` renews the time of a file that is there.',
    ),
  })
  .refine((value) => value.state !== 'link' || value.src !== undefined, {
    error: "state: link needs 'src', what the link points to",
    path: ['src'],
  })
  .refine((value) => !value.recurse || value.state === 'directory', {
    error: 'recurse goes with state: directory only',
    path: ['recurse'],
  })
type Params = z.infer<typeof params>

/** Of the path itself, or of where links lead to for states that follow them. */
interface State extends Followed {
  /** Of what is to be removed: where it is, past links to the folders above it. */
  place?: string
  unlike: Unlike[]
  /** Folders above a folder to make, outermost first, that are missing, too. */
  parents: string[]
  /** A PostgreSQL data directory in what is to be removed, or that it is in. */
  database?: string
  /** File systems that are mounted in what is to be removed. */
  mounts?: string[]
  targetExists: boolean
  notes: string[]
}

/** Paths, folders, links and what they belong to. Ansible's `file`. */
export const fileModule = defineModule<Params, State>({
  name: 'file',
  summary: 'Make, remove or link files and folders; set owner, group and mode',
  params,
  freeForm: 'path',
  inspect,
  plan,
  result: ({ params, state }) => ({
    path: params.path,
    dest: state.path,
    state: params.state ?? state.stat?.type ?? 'file',
  }),
})

async function inspect(host: HostReader, params: Params): Promise<State> {
  const path = params.path.replaceAll(/\/+(\.(\/+|$))*/g, '/').replace(/(?<=.)\/$/, '')
  if (params.state === 'absent' && path.split('/').includes('..'))
    throw new Refusal(
      `${params.path} leads back up, past what is looked at before it is removed`,
      'write it without ..',
    )
  const itself = params.state === 'absent' || params.state === 'link'
  const found = itself ? { path, stat: await host.stat(path) } : await statFollowed(host, path)
  const state: State = { ...found, unlike: [], parents: [], targetExists: true, notes: [] }
  if (params.state === 'absent') {
    if (!state.stat) {
      requireKnown(host, path)
      return state
    }
    const place = await placeOf(host, path)
    if (SYSTEM.test(place))
      throw new Refusal(
        `${namedAt(path, place)} belongs to the system and is not removed`,
        'name what is to go inside it',
      )
    state.place = place
    state.database =
      (await dataDirectoryAround(host, place)) ??
      (state.stat.type === 'directory' ? await dataDirectoryIn(host, place) : undefined)
    if (state.stat.type === 'directory') state.mounts = await mountsIn(host, place)
    return state
  }
  if (!state.stat && (params.state === 'directory' || params.state === 'link'))
    await requireKnownToMake(host, state.path)
  else if (!state.stat && params.state !== 'touch') requireKnown(host, state.path)
  await requireAccounts(host, state.stat, params)
  if (!state.stat && (params.state === 'touch' || params.state === 'link'))
    state.notes = await requireParent(host, path)
  if (!state.stat && params.state === 'directory') state.parents = await missingParents(host, state.path)
  if (params.state === 'link' && !params.force)
    state.targetExists = await linkTargetExists(host, path, params.src!)
  if (params.recurse && state.stat?.type === 'directory')
    state.unlike = await inspectTree(host, state.path, params)
  return state
}

function plan(state: State, params: Params): Plan {
  const notes = state.notes
  switch (params.state) {
    case 'absent':
      return planAbsent(state)
    case 'link':
      return {
        ...planLink(state.path, state.stat, {
          target: params.src!,
          force: params.force,
          targetExists: state.targetExists,
        }),
        notes,
      }
    case 'directory':
      return planDirectory(state, params)
    case 'touch':
      return { ...planTouch(state, params), notes }
    default:
      if (!state.stat)
        throw new Refusal(
          `${params.path} does not exist`,
          'state: touch makes a file, state: directory a folder',
        )
      // A FIFO, a socket and a device are files to Ansible, which sets their owner and mode.
      if (params.state === 'file' && !['file', 'other'].includes(state.stat.type)) {
        throw new Refusal(
          `${params.path} is a ${state.stat.type}, not a file`,
          `say state: ${state.stat.type}, or remove it first`,
        )
      }
      return planAttributes(state, state.stat, params)
  }
}

function planAttributes(found: Followed, stat: FileStat, want: Ownership, touch = false): Plan {
  const { path, through } = found
  const { changes, set } = attributeChanges(path, stat, want)
  if (touch)
    changes.unshift({ path: `${path} time`, before: new Date(stat.mtime * 1000).toISOString(), after: 'now' })
  if (changes.length === 0) return { changes, steps: [] }
  refuseNotHis(found)
  return { changes, steps: [{ do: 'attributes', path, ...set, through, ...(touch ? { touch } : {}) }] }
}

function planDirectory(state: State, params: Params): Plan {
  const { path, stat } = state
  if (stat && stat.type !== 'directory') {
    const what = stat.type === 'other' ? 'FIFO, socket or device' : stat.type
    throw new Refusal(`${params.path} is a ${what}, not a folder`, 'remove it first, with state: absent')
  }
  if (!stat) {
    const mode = params.mode && resolveMode(params.mode, '0755', true)
    // A step for each, so that what comes later in a check sees them.
    const { through } = state
    const parents = state.parents.map((parent): Step => ({ do: 'directory', path: parent, through }))
    const step: Step = { do: 'directory', path, owner: params.owner, group: params.group, mode, through }
    return {
      changes: [{ path, before: null, after: described('folder', { ...params, mode }) }],
      steps: [...parents, step],
    }
  }
  const own = planAttributes(state, stat, params)
  const tree = planTree(path, state.unlike, params, state.through)
  return {
    changes: [...own.changes, ...tree.changes],
    steps: [...own.steps, ...tree.steps],
  }
}

function planTouch(state: State, params: Params): Plan {
  const { path, stat } = state
  if (!stat) {
    const mode = params.mode && resolveMode(params.mode, '0644', false)
    const { through } = state
    const step: Step = {
      do: 'write_file',
      path,
      content: '',
      owner: params.owner,
      group: params.group,
      mode,
      through,
    }
    return {
      changes: [{ path, before: null, after: described('empty file', { ...params, mode }) }],
      steps: [step],
    }
  }
  return planAttributes(state, stat, params, params.modification_time !== 'preserve')
}

const namedAt = (path: string, place: string): string => (place === path ? path : `${path} (${place})`)

function planAbsent(state: State): Plan {
  const { path, stat, place = path } = state
  if (!stat) return { changes: [], steps: [] }
  const named = namedAt(path, place)
  if (state.mounts !== undefined && state.mounts.length > 0)
    throw new Refusal(
      `something is mounted in ${named}, and would lose what is in it: ${state.mounts.join(', ')}`,
      'unmount it first, or name what is to go beside it',
    )
  if (state.database !== undefined) {
    const where = state.database === place || state.database.startsWith(`${place}/`) ? 'holds' : 'is in'
    const what = TABLESPACE.test(state.database) ? 'tablespace' : 'data directory'
    throw new Refusal(
      `${named} ${where} a PostgreSQL ${what}, ${state.database}, and is not removed`,
      'drop the cluster with pg_cluster: { state: absent, confirm: … } first, or move the folder aside by hand',
    )
  }
  const folder = stat.type === 'directory'
  return {
    changes: [{ path, before: folder ? 'folder' : stat.type, after: null, destructive: folder }],
    steps: [{ do: 'remove', path }],
  }
}

/** Folders of the system, and those right in its great ones. */
const SYSTEM =
  /^\/(|(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|media|mnt|opt|proc|root|run|sbin|srv|sys|usr|var)|usr\/[^/]+|usr\/local\/[^/]+|var\/(backups|cache|lib|local|log|mail|opt|run|spool|tmp)|var\/lib\/(apt|dpkg|postgresql|systemd)|etc\/(apt|postgresql|ssh|ssl|systemd))$/

/** What a server itself does not miss: logs, and what only says how it is to start. */
const SPARE = /\/(log|pg_log)(\/|$)|\.(signal|old|log|conf|bak)$/

/** What a server makes in the folder of a tablespace: its version, and that of its catalogue (73.1). */
const TABLESPACE = /\/PG_\d+_\d{9}$/

/** The data directory that the path is inside of, or the tablespace. */
async function dataDirectoryAround(host: HostReader, path: string): Promise<string | undefined> {
  const [tablespace] = /^.*?\/PG_\d+_\d{9}(?=\/|$)/.exec(path) ?? []
  if (tablespace !== undefined) return tablespace
  const above: string[] = []
  for (let at = posix.dirname(path); at !== '/'; at = posix.dirname(at)) above.push(at)
  const found = await Promise.all(above.map((folder) => host.stat(`${folder}/PG_VERSION`)))
  const folder = above.filter((_, at) => found[at]).at(-1)
  return folder === undefined || SPARE.test(path.slice(folder.length)) ? undefined : folder
}

/** Where in a folder, itself included, something is mounted (proc(5), mountinfo). */
async function mountsIn(host: HostReader, path: string): Promise<string[]> {
  const text = (await host.readFile('/proc/self/mountinfo'))?.toString() ?? ''
  return text
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, code) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      ),
    )
    .filter((point) => point === path || point.startsWith(`${path}/`))
}

/** A folder with a PG_VERSION in it, at most six levels down, or a tablespace. */
async function dataDirectoryIn(host: HostReader, path: string): Promise<string | undefined> {
  const { stdout } = await host.read([
    'find',
    path,
    '-maxdepth',
    '6',
    '(',
    '-name',
    'PG_VERSION',
    '-o',
    '-regex',
    '.*/PG_[0-9]+_[0-9]+',
    ')',
    '-print',
    '-quit',
  ])
  return stdout.trim() === '' ? undefined : stdout.trim().replace(/\/PG_VERSION$/, '')
}

async function linkTargetExists(host: HostReader, path: string, target: string): Promise<boolean> {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  return (await statFollowed(host, target.startsWith('/') ? target : `${folder}/${target}`)).stat !== null
}
