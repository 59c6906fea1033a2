import { posix } from 'node:path'
import { withoutSlashes } from '../../../contract/ends.ts'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader, LargeFile } from '../../../contract/host.ts'
import { type Ownership, param, text } from '../../../contract/params.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { splitWords } from '../../commands/shared/words.ts'
import { inspectFile, type PresentFile, planFile, readPresent, type Source } from './content.ts'
import { type Followed, requireAccounts, requireParent, statFollowed } from './inspect.ts'

/** One file to write: where it will really be, what it will hold, and what is there. */
export interface Target {
  path: string
  content: Buffer | LargeFile
  controllerFile?: string
  secret?: boolean
  present: PresentFile
  /** A folder to make first, where `dest` ended in a slash. */
  folder?: string
  /** Whose link led there: Followed. */
  through?: number
  notes: string[]
}

/**
 * @param name what the file is called where `dest` is a folder; without it, a folder is refused
 * @throws {Refusal} where the folder or the owner is missing
 */
export async function inspectTarget(
  host: HostReader,
  dest: string,
  source: Source,
  name?: string,
  want: Ownership = {},
): Promise<Target> {
  const into = withoutSlashes(dest)
  const { content } = source
  const found: PresentFile = Buffer.isBuffer(content)
    ? await readPresent(host, into, content.length)
    : { stat: await host.stat(into), sha256: null }
  // A link to a folder is that folder, as it is for cp(1) and Ansible.
  const led: Followed =
    found.stat?.type === 'link' ? await statFollowed(host, into) : { path: into, stat: found.stat }
  const isFolder = led.stat?.type === 'directory'
  if (isFolder && name === undefined && found.stat?.type === 'link')
    throw new Refusal(
      `${dest} is a link to a folder, ${led.path}, and a text needs a file's name`,
      `write dest: ${into}/NAME, or remove the link`,
    )
  const inside = name !== undefined && (dest.endsWith('/') || isFolder)
  const path = inside ? posix.join(isFolder ? led.path : into, name) : dest
  const folder = inside && !found.stat ? into : undefined
  const present = await inspectFile(host, path, content, inside ? undefined : found)
  await requireAccounts(host, present.stat, want)
  const notes = present.stat || folder !== undefined ? [] : await requireParent(host, path)
  return { path, ...source, present, folder, through: inside && isFolder ? led.through : undefined, notes }
}

/** Pure. */
export function planTarget(
  target: Target,
  want: Ownership & { backup: boolean; force: boolean; validate?: readonly string[]; keeps?: boolean },
): Plan {
  const { owner, group, mode, backup, force, validate, keeps } = want
  const { path, content, controllerFile, secret, through } = target
  const plan = planFile(target.present, {
    path,
    content,
    controllerFile,
    secret,
    through,
    owner,
    group,
    mode,
    backup,
    force,
    validate,
    keeps,
  })
  if (target.folder === undefined || plan.steps.length === 0) return { ...plan, notes: target.notes }
  const folder: Step = { do: 'directory', path: target.folder }
  return {
    changes: [{ path: target.folder, before: null, after: 'folder' }, ...plan.changes],
    steps: [folder, ...plan.steps],
    notes: target.notes,
  }
}

export const fileName = (path: string): string => posix.basename(path)

export const validateParam = param(
  text()
    .refine((text) => text.includes('%s'), "'%s', which stands for the file to check, is missing")
    .refine((text) => isSplit(text), 'a quote is never closed')
    .optional(),
  'A command that must succeed on the new file before it takes its place; `%s` stands for the file.',
  { example: 'visudo -cf %s', unset: 'nothing is checked' },
)
export const validateWords = (text: string | undefined): string[] | undefined =>
  text === undefined ? undefined : splitWords(text)

function isSplit(text: string): boolean {
  try {
    return splitWords(text).length > 0
  } catch {
    return false
  }
}
