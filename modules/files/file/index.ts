import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import type { FileStat, HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import {
  choice,
  flag,
  hostPath,
  nonEmpty,
  type Ownership,
  ownership,
  param,
} from '../../../contract/params.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { attributeChanges, described } from '../shared/attributes.ts'
import { missingParents, requireAccounts, requireParent, statFollowed } from '../shared/inspect.ts'
import { resolveMode } from '../shared/mode.ts'
import { planLink } from './link.ts'
import { inspectTree, planTree, type Unlike } from './recurse.ts'

const params = z
  .strictObject({
    path: param(hostPath(), 'The path on the host.', { aliases: ['dest', 'name'], example: '/srv/backup' }),
    state: param(
      choice('file', 'directory', 'absent', 'touch', 'link').optional(),
      '`directory` makes it with its parents; `absent` removes it with all in it; `touch` makes an empty file; `link` a symbolic link to `src`; `file` sets owner, group and mode of what must be there. Without it: of whatever is there.',
      { unset: 'whatever is there; only owner, group and mode are set' },
    ),
    src: param(nonEmpty().optional(), 'What a link points to, as it is to stand in the link.', {
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

interface State {
  stat: FileStat | null
  /** The path itself, or where links lead to for states that follow them. */
  path: string
  unlike: Unlike[]
  /** Folders above a folder to make, outermost first, that are missing, too. */
  parents: string[]
  /** A PostgreSQL data directory in what is to be removed. */
  database?: string
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
  const path = params.path.length > 1 ? params.path.replace(/\/+$/, '') || '/' : params.path
  const itself = params.state === 'absent' || params.state === 'link'
  const found = itself ? { path, stat: await host.stat(path) } : await statFollowed(host, path)
  const state: State = { ...found, unlike: [], parents: [], targetExists: true, notes: [] }
  if (params.state === 'absent') {
    if (state.stat?.type === 'directory') state.database = await dataDirectoryIn(host, path)
    return state
  }
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
      if (params.state === 'file' && state.stat.type !== 'file') {
        throw new Refusal(
          `${params.path} is a ${state.stat.type}, not a file`,
          `say state: ${state.stat.type}, or remove it first`,
        )
      }
      return planAttributes(state.path, state.stat, params)
  }
}

function planAttributes(path: string, stat: FileStat, want: Ownership): Plan {
  const { changes, set } = attributeChanges(path, stat, want)
  return { changes, steps: changes.length > 0 ? [{ do: 'attributes', path, ...set }] : [] }
}

function planDirectory(state: State, params: Params): Plan {
  const { path, stat } = state
  if (stat && stat.type !== 'directory') {
    throw new Refusal(`${params.path} is a ${stat.type}, not a folder`, 'remove it first, with state: absent')
  }
  if (!stat) {
    const mode = params.mode && resolveMode(params.mode, '0755', true)
    // A step for each, so that what comes later in a check sees them.
    const parents = state.parents.map((parent): Step => ({ do: 'directory', path: parent }))
    const step: Step = { do: 'directory', path, owner: params.owner, group: params.group, mode }
    return {
      changes: [{ path, before: null, after: described('folder', { ...params, mode }) }],
      steps: [...parents, step],
    }
  }
  const own = planAttributes(path, stat, params)
  const tree = planTree(path, state.unlike, params)
  return {
    changes: [...own.changes, ...tree.changes],
    steps: [...own.steps, ...tree.steps],
  }
}

function planTouch(state: State, params: Params): Plan {
  const { path, stat } = state
  if (!stat) {
    const mode = params.mode && resolveMode(params.mode, '0644', false)
    const step: Step = { do: 'write_file', path, content: '', owner: params.owner, group: params.group, mode }
    return {
      changes: [{ path, before: null, after: described('empty file', { ...params, mode }) }],
      steps: [step],
    }
  }
  const attributes = planAttributes(path, stat, params)
  if (params.modification_time === 'preserve') return attributes
  return {
    changes: [
      { path: `${path} time`, before: new Date(stat.mtime * 1000).toISOString(), after: 'now' },
      ...attributes.changes,
    ],
    steps: [{ do: 'exec', argv: ['touch', '--', path], title: `touch ${path}` }, ...attributes.steps],
  }
}

function planAbsent(state: State): Plan {
  const { path, stat } = state
  if (!stat) return { changes: [], steps: [] }
  if (
    path === '/' ||
    /^\/(bin|boot|dev|etc|home|lib|lib64|proc|root|run|sbin|sys|usr|var|var\/lib)$/.test(path)
  ) {
    throw new Refusal(`${path} belongs to the system and is not removed`, 'name what is to go inside it')
  }
  if (state.database !== undefined) {
    throw new Refusal(
      `${path} holds a PostgreSQL data directory, ${state.database}, and is not removed`,
      'drop the cluster with pg_cluster: { state: absent, confirm: … } first, or move the folder aside by hand',
    )
  }
  const folder = stat.type === 'directory'
  return {
    changes: [{ path, before: folder ? 'folder' : stat.type, after: null, destructive: folder }],
    steps: [{ do: 'remove', path }],
  }
}

/** A folder with a PG_VERSION in it, at most six levels down. */
async function dataDirectoryIn(host: HostReader, path: string): Promise<string | undefined> {
  const { stdout } = await host.read([
    'find',
    path,
    '-maxdepth',
    '6',
    '-name',
    'PG_VERSION',
    '-print',
    '-quit',
  ])
  return stdout.trim() === '' ? undefined : stdout.trim().replace(/\/PG_VERSION$/, '')
}

async function linkTargetExists(host: HostReader, path: string, target: string): Promise<boolean> {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  return (await statFollowed(host, target.startsWith('/') ? target : `${folder}/${target}`)).stat !== null
}
