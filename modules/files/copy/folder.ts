import { posix } from 'node:path'
import { Refusal } from '../../../contract/errors.ts'
import type { FileStat, HostReader } from '../../../contract/host.ts'
import type { Ownership } from '../../../contract/params.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { attributeChanges, described } from '../shared/attributes.ts'
import { inspectFile, type PresentFile, planFile, type Source, sourceOf } from '../shared/content.ts'
import { requireAccounts, requireParent, statFollowed } from '../shared/inspect.ts'
import { resolveMode } from '../shared/mode.ts'

type TreeEntry = { relative: string; path: string; mode: string; type: 'file' | 'directory' }

/** A folder of the controller beside what is on the host. */
export interface FolderState {
  folders: { path: string; stat: FileStat | null }[]
  files: (Source & { path: string; present: PresentFile })[]
  /** Whose link led there: Followed. */
  through?: number
  notes: string[]
}

/** @throws {Refusal} where a file is in a folder's place or the other way round. */
export async function inspectFolder(
  host: HostReader,
  tree: readonly TreeEntry[],
  dest: string,
  want: Ownership & { decrypt: boolean },
): Promise<FolderState> {
  // A link to a folder is that folder.
  const led = await statFollowed(host, dest)
  const into = led.stat?.type === 'directory' ? led.path : dest
  const paths = tree
    .filter((entry) => entry.type === 'directory')
    .map((entry) => posix.join(into, entry.relative))
  const folders = await Promise.all([...new Set([into, ...paths])].map((path) => inspectOne(host, path)))
  const files = await Promise.all(
    tree
      .filter((entry) => entry.type === 'file')
      .map(async ({ relative, path: controllerFile }) => {
        const path = posix.join(into, relative)
        const source = await sourceOf(host, controllerFile, want)
        return { ...source, path, present: await inspectFile(host, path, source.content) }
      }),
  )
  await requireAccounts(host, null, want)
  const notes = folders[0]?.stat ? [] : await requireParent(host, into)
  const through = into === dest ? undefined : led.through
  return { folders, files, through, notes }
}

/** Pure. Folders come before what is in them. */
export function planFolder(
  state: FolderState,
  want: Ownership & { directory_mode?: string; backup: boolean; force: boolean },
): Plan {
  const { owner, group, mode, backup, force } = want
  const { through } = state
  const changes: Change[] = []
  const steps: Step[] = []
  for (const { path, stat } of state.folders) {
    const attributes = { owner, group, mode: want.directory_mode }
    if (stat) {
      const { changes: differ, set } = attributeChanges(path, stat, attributes)
      changes.push(...differ)
      if (differ.length > 0) steps.push({ do: 'attributes', path, ...set, through })
    } else {
      const made = { ...attributes, mode: attributes.mode && resolveMode(attributes.mode, '0755', true) }
      changes.push({ path, before: null, after: described('folder', made) })
      steps.push({ do: 'directory', path, ...made, through })
    }
  }
  for (const { present, ...file } of state.files) {
    const plan = planFile(present, { ...file, owner, group, mode, backup, force, through })
    changes.push(...plan.changes)
    steps.push(...plan.steps)
  }
  return { changes, steps, notes: state.notes }
}

async function inspectOne(host: HostReader, path: string): Promise<{ path: string; stat: FileStat | null }> {
  const stat = await host.stat(path)
  if (stat && stat.type !== 'directory') {
    throw new Refusal(
      `${path} is a ${stat.type}, and a folder is to be there`,
      'remove it first, or choose another dest',
    )
  }
  return { path, stat }
}
