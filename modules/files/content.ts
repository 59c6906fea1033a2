import { createHash } from 'node:crypto'
import type { Change, FileStat, HostReader, Step, WriteFileStep } from '../contract.ts'
import { Refusal } from '../contract.ts'
import { attributeChanges } from './attributes.ts'
import { resolveMode } from './mode.ts'
import type { Ownership } from './params.ts'

/** bytes; a larger file is compared by its hash and shown without a diff. */
const DIFF_LIMIT = 512 * 1024

/** What is to be in one file of the host. */
export interface WantedFile extends Ownership {
  path: string
  content: Buffer
  /** Absolute path on the controller; the content is then streamed from there. */
  controllerFile?: string
  validate?: readonly string[]
  backup?: boolean
  /** False: a file that is there stays as it is. */
  force?: boolean
}

/** What of it is there. */
export interface PresentFile {
  stat: FileStat | null
  sha256: string | null
  /** The old content, read only where it differs and can be shown. */
  before?: Buffer
}

/** Status and hash of what is at a path, in one round trip. */
export async function readPresent(host: HostReader, path: string): Promise<PresentFile> {
  const [stat, sha256] = await Promise.all([
    host.stat(path),
    host.sha256(path).catch((error: unknown) => ({ error })),
  ])
  if (stat?.type !== 'file' && stat?.type !== 'link') return { stat, sha256: null }
  if (sha256 && typeof sha256 === 'object') throw sha256.error
  return { stat, sha256 }
}

/** @throws {Refusal} where something that is no file is in the way. */
export async function inspectFile(
  host: HostReader,
  path: string,
  content: Buffer,
  found?: PresentFile,
): Promise<PresentFile> {
  const present = { ...(found ?? (await readPresent(host, path))) }
  const type = present.stat?.type
  if (type === 'directory' || type === 'other') {
    const what = type === 'other' ? 'special file' : 'folder'
    throw new Refusal(
      `${path} is a ${what}, not a file`,
      'name the file itself, or remove what is there first',
    )
  }
  const showable = isText(content) && (present.stat?.size ?? 0) <= DIFF_LIMIT
  if (present.sha256 && present.sha256 !== hash(content) && showable) {
    present.before = (await host.readFile(path)) ?? undefined
  }
  return present
}

/** The changes and steps that bring one file to its content and attributes. Pure. */
export function planFile(present: PresentFile, wanted: WantedFile): { changes: Change[]; steps: Step[] } {
  const { path } = wanted
  const wantedHash = hash(wanted.content)
  const same = present.sha256 === wantedHash || (present.stat !== null && wanted.force === false)
  // A link that leads to the right content is left alone, as Ansible's `follow: false` does.
  if (same && present.stat?.type === 'link') return { changes: [], steps: [] }
  const isFile = present.stat?.type === 'file'
  const attributes = isFile ? attributeChanges(path, present.stat!, wanted) : { changes: [], set: {} }
  if (same) {
    if (attributes.changes.length === 0) return { changes: [], steps: [] }
    return { changes: attributes.changes, steps: [{ do: 'attributes', path, ...attributes.set }] }
  }
  const step: WriteFileStep = {
    do: 'write_file',
    path,
    content: wanted.controllerFile === undefined ? wanted.content : { controllerFile: wanted.controllerFile },
    owner: wanted.owner,
    group: wanted.group,
    mode:
      wanted.mode === undefined
        ? undefined
        : resolveMode(wanted.mode, isFile ? present.stat!.mode : '0644', false),
  }
  if (wanted.validate) step.validate = wanted.validate
  if (wanted.backup && present.stat) step.backup = true
  return { changes: [contentChange(present, wanted, wantedHash), ...attributes.changes], steps: [step] }
}

function contentChange(present: PresentFile, wanted: WantedFile, wantedHash: string): Change {
  const showable = wanted.content.length <= DIFF_LIMIT && isText(wanted.content)
  const before = present.before
  if (showable && (present.sha256 === null || (before && isText(before)))) {
    return {
      path: wanted.path,
      before: before ? before.toString('utf8') : null,
      after: wanted.content.toString('utf8'),
      text: true,
    }
  }
  const after = `sha256 ${wantedHash.slice(0, 16)}…, ${wanted.content.length} bytes`
  return {
    path: wanted.path,
    before: present.sha256 ? `sha256 ${present.sha256.slice(0, 16)}…` : null,
    after,
  }
}

const hash = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** Whether it can be shown: UTF-8 without NUL. */
export function isText(content: Buffer): boolean {
  if (content.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content)
    return true
  } catch {
    return false
  }
}
