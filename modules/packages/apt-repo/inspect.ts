import { posix } from 'node:path'
import { textOf } from '../../../contract/bytes.ts'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { refuseConflict } from '../shared/conflicts.ts'
import { comparable, parseSources } from '../shared/entries.ts'
import { type PlannedSources, plannedSourcesKey, ROOT } from '../shared/predictions.ts'
import { SOURCES, sourceFiles } from '../shared/source-files.ts'
import type { RepoParams } from './index.ts'
import { type KeySource, type TrustedKey, trustedContent, trustedKey } from './key.ts'
import { deb822, listNames, oneLine, type Source } from './source.ts'

export interface RepoState {
  /** undefined where the repository is to go. */
  source?: { path: string; text: string; present: string | null }
  keyring?: {
    path: string
    content: Buffer
    fingerprint: string
    present: boolean
    same: boolean
    folderThere: boolean
  }
  /** Files that are to go: all of them with state absent, those of the other format otherwise. */
  leftovers: string[]
  listsThere: boolean
  /** Other files that name one of the addresses. */
  conflicts: string[]
  /** What earlier planned tasks of this host already predict. */
  planned: PlannedSources
  /** The same repository as a preview has it. */
  preview?: { source: PlannedSources['sources'][number]; keys: PlannedSources['keys'] }
}

const KEYRINGS = '/etc/apt/keyrings'

/** @throws {Refusal} where the key is not the wanted one, or a keyring is missing */
export async function inspectRepo(host: HostReader, params: RepoParams): Promise<RepoState> {
  const planned = host.predicted(plannedSourcesKey()) ?? { sources: [], keys: [], removed: [] }
  const state: RepoState = { leftovers: [], listsThere: true, conflicts: [], planned }
  if (params.state === 'absent') return { ...state, leftovers: await present(host, ownFiles(params.name)) }
  const key =
    params.key && ((await keyOnHost(host, params, params.key)) ?? (await trustedKey(host, params.key)))
  const keyPath =
    params.signed_by ?? (key ? `${KEYRINGS}/${params.name}.${key.armored ? 'asc' : 'gpg'}` : undefined)
  const source = sourceOf(params, keyPath)
  const path = `${SOURCES}/${params.name}.${params.format === 'deb822' ? 'sources' : 'list'}`
  const [presentSource, presentKey, keyFolder, leftovers, lists, files] = await Promise.all([
    host.readFile(path),
    keyPath === undefined ? null : host.readFile(keyPath),
    keyPath === undefined ? null : host.stat(posix.dirname(keyPath)),
    present(
      host,
      ownFiles(params.name).filter((other) => other !== path && other !== keyPath),
    ),
    host.list('/var/lib/apt/lists'),
    sourceFiles(host),
  ])
  if (keyPath !== undefined && !key && !presentKey) {
    throw new Refusal(
      `the keyring ${keyPath} is not on this host`,
      "give 'key' with its url and fingerprint, and play writes it there",
    )
  }
  const render = params.format === 'deb822' ? deb822 : oneLine
  const text = render(source)
  const others = files.filter((file) => !ownFiles(params.name).includes(file.path))
  refuseConflict({ path, text }, others, ({ option, value, path }) =>
    option === 'signed-by' && value.startsWith('/')
      ? `take its key: signed_by: ${value}, or remove it first: file: { path: ${path}, state: absent }`
      : `remove it first: file: { path: ${path}, state: absent }`,
  )
  const wanted = source.uris.map(comparable)
  const conflicts = others
    .filter((file) =>
      parseSources(file.path, file.text).some(({ uris }) => uris.some((uri) => wanted.includes(uri))),
    )
    .map((file) => file.path)
  return {
    ...state,
    source: { path, text, present: presentSource && textOf(presentSource) },
    keyring: key && {
      path: keyPath!,
      content: key.content,
      fingerprint: key.fingerprint,
      present: presentKey !== null,
      same:
        presentKey !== null && trustedContent(presentKey, key.fingerprint)?.bytes.equals(key.bytes) === true,
      folderThere: keyFolder !== null,
    },
    leftovers,
    listsThere: listNames(source).every((pair) => pair.some((name) => lists?.includes(name))),
    conflicts,
    preview: {
      source: { path, text: key ? render({ ...source, signedBy: `${ROOT}${keyPath}` }) : text },
      keys: key ? [{ path: keyPath!, base64: key.content.toString('base64') }] : [],
    },
  }
}

/** A key from a URL that the host already trusts, and alone, need not be fetched: a run that changes nothing needs no internet. */
async function keyOnHost(
  host: HostReader,
  params: RepoParams,
  wanted: KeySource,
): Promise<TrustedKey | undefined> {
  if (wanted.url === undefined) return undefined
  const paths = params.signed_by
    ? [params.signed_by]
    : [`${KEYRINGS}/${params.name}.asc`, `${KEYRINGS}/${params.name}.gpg`]
  for (const content of await Promise.all(paths.map((path) => host.readFile(path)))) {
    const key = content && trustedContent(content, wanted.fingerprint)
    if (key) return key
  }
  return undefined
}

/** Two entries for one address with different keys make apt refuse both. */
export function conflictNotes(state: RepoState, params: RepoParams): string[] {
  const left = state.conflicts.filter((path) => !state.leftovers.includes(path))
  const notes = left.map(
    (path) => `${path} names the same address as ${params.name}; apt refuses both where their keys differ`,
  )
  return params.key || params.signed_by
    ? notes
    : [...notes, `no key is given for ${params.name}: apt takes any key the host trusts`]
}

function sourceOf(params: RepoParams, signedBy: string | undefined): Source {
  const suites = params.suites ?? []
  const components = params.components ?? (suites.some((suite) => suite.endsWith('/')) ? [] : ['main'])
  return {
    types: params.types,
    uris: params.uris ?? [],
    suites,
    components,
    architectures: params.architectures,
    signedBy,
  }
}

const ownFiles = (name: string): string[] => [
  `${SOURCES}/${name}.sources`,
  `${SOURCES}/${name}.list`,
  `${KEYRINGS}/${name}.asc`,
  `${KEYRINGS}/${name}.gpg`,
]

async function present(host: HostReader, paths: readonly string[]): Promise<string[]> {
  const stats = await Promise.all(paths.map((path) => host.stat(path)))
  return paths.filter((_, at) => stats[at] !== null)
}
