import { createHash } from 'node:crypto'
import { Refusal } from '../../../contract/errors.ts'
import type { FileStat, HostReader, LargeFile } from '../../../contract/host.ts'
import type { Ownership } from '../../../contract/params.ts'
import type { Change, Step, WriteFileStep } from '../../../contract/plan.ts'
import { attributeChanges } from './attributes.ts'
import { resolveMode } from './mode.ts'

/** bytes; a larger file is compared by its hash and shown without a diff. */
const DIFF_LIMIT = 512 * 1024

/** What is to be in one file of the host. */
export interface WantedFile extends Ownership {
  path: string
  content: Buffer | LargeFile
  /** Absolute path on the controller; the content is then streamed from there. */
  controllerFile?: string
  /** What it holds, and held, is not shown. */
  secret?: boolean
  validate?: readonly string[]
  backup?: boolean
  /** False: a file that is there stays as it is. */
  force?: boolean
  /** The content is that of the file itself, edited: WriteFileStep. */
  keeps?: boolean
  /** Whose link led there: Followed. */
  through?: number
}

/** What is to be written: a text of the task's, or a file of the controller. */
export type Source = Pick<WantedFile, 'content' | 'controllerFile' | 'secret'>

/**
 * What a file of the controller holds, or how to stream it. What was decrypted does not lie there, and is not streamed.
 * @param decrypt false: an encrypted file is copied as it is
 */
export async function sourceOf(
  host: HostReader,
  path: string,
  { decrypt }: { decrypt: boolean },
): Promise<Source & { path: string }> {
  const encrypted = decrypt ? undefined : 'as it is'
  const large = await host.controller.largeFile(path, encrypted)
  if (large) return { content: large, controllerFile: large.path, path: large.path }
  const { content, path: found, secret } = await host.controller.file(path, encrypted)
  return { content, controllerFile: secret ? undefined : found, secret, path: found }
}

/** What of it is there. */
export interface PresentFile {
  stat: FileStat | null
  sha256: string | null
  /** The old content, read only where it differs and can be shown. */
  before?: Buffer
  /** Of a large file, whose content is not compared here: it is the wanted one. */
  isWanted?: boolean
}

/** Status and hash of what is at a path, in one round trip. @param size bytes that it shall have */
export async function readPresent(host: HostReader, path: string, size: number): Promise<PresentFile> {
  const [stat, sha256] = await Promise.all([
    host.stat(path),
    host.sha256(path, size).catch((error: unknown) => ({ error })),
  ])
  if (stat?.type !== 'file' && stat?.type !== 'link') return { stat, sha256: null }
  if (sha256 && typeof sha256 === 'object') throw sha256.error
  return { stat, sha256 }
}

/** @throws {Refusal} where something that is no file is in the way. */
export async function inspectFile(
  host: HostReader,
  path: string,
  content: Buffer | LargeFile,
  found?: PresentFile,
): Promise<PresentFile> {
  const isLarge = !Buffer.isBuffer(content)
  const present = {
    ...(found ??
      (isLarge
        ? { stat: await host.stat(path), sha256: null }
        : await readPresent(host, path, content.length))),
  }
  const type = present.stat?.type
  if (type === 'directory' || type === 'other') {
    const what = type === 'other' ? 'special file' : 'folder'
    throw new Refusal(
      `${path} is a ${what}, not a file`,
      'name the file itself, or remove what is there first',
    )
  }
  if (isLarge) return { ...present, isWanted: await isSame(host, path, present.stat, content) }
  const showable = isText(content) && (present.stat?.size ?? 0) <= DIFF_LIMIT
  if (present.sha256 && present.sha256 !== hash(content) && showable) {
    present.before = (await host.readFile(path)) ?? undefined
  }
  return present
}

/** Compared by size first: hashing both ends takes about half as long as sending it. */
async function isSame(host: HostReader, path: string, stat: FileStat | null, wanted: LargeFile) {
  // A link's own size is not that of the file it leads to.
  if (!stat || (stat.type === 'file' && stat.size !== wanted.size)) return false
  const [here, there] = await Promise.all([wanted.blake2b(), host.blake2b(path, wanted.size)])
  return here === there
}

/** The changes and steps that bring one file to its content and attributes. Pure. */
export function planFile(present: PresentFile, wanted: WantedFile): { changes: Change[]; steps: Step[] } {
  const { path, content } = wanted
  const isThere = present.isWanted ?? (Buffer.isBuffer(content) && present.sha256 === hash(content))
  const same = isThere || (present.stat !== null && wanted.force === false)
  // A link that leads to the right content is left alone, as Ansible's `follow: false` does.
  if (same && present.stat?.type === 'link') return { changes: [], steps: [] }
  const { through } = wanted
  const isFile = present.stat?.type === 'file'
  const attributes = isFile ? attributeChanges(path, present.stat!, wanted) : { changes: [], set: {} }
  if (same) {
    if (attributes.changes.length === 0) return { changes: [], steps: [] }
    if (!isThere || !Buffer.isBuffer(content) || wanted.keeps || isPublic(present.stat!))
      return { changes: attributes.changes, steps: [{ do: 'attributes', path, ...attributes.set, through }] }
    // One that only its owner can read is written anew: nothing is given away or opened by its name.
  }
  const step: WriteFileStep = {
    do: 'write_file',
    path,
    content: Buffer.isBuffer(content)
      ? wanted.controllerFile === undefined
        ? content
        : { controllerFile: wanted.controllerFile }
      : { controllerFile: content.path },
    replacesLink: true,
    through,
    owner: wanted.owner,
    group: wanted.group,
    mode:
      wanted.mode === undefined
        ? undefined
        : resolveMode(wanted.mode, isFile ? present.stat!.mode : '0644', false),
  }
  if (wanted.keeps) step.keeps = true
  if (wanted.validate) step.validate = wanted.validate
  if (wanted.backup && present.stat && !same) step.backup = true
  return {
    changes: [...(same ? [] : [contentChange(present, wanted)]), ...attributes.changes],
    steps: [step],
  }
}

const isPublic = ({ mode }: FileStat): boolean => (Number.parseInt(mode, 8) & 0o004) !== 0

function contentChange(present: PresentFile, { path, content, secret }: WantedFile): Change {
  const before = present.before
  if (secret)
    return { path, before: present.stat && 'another content', after: 'a secret content', sensitive: true }
  if (!Buffer.isBuffer(content))
    return { path, before: present.stat && `${present.stat.size} bytes`, after: `${content.size} bytes` }
  const showable = content.length <= DIFF_LIMIT && isText(content)
  if (showable && (present.sha256 === null || (before && isText(before)))) {
    return {
      path,
      before: before ? before.toString('utf8') : null,
      after: content.toString('utf8'),
      text: true,
    }
  }
  const after = `sha256 ${hash(content).slice(0, 16)}…, ${content.length} bytes`
  return { path, before: present.sha256 ? `sha256 ${present.sha256.slice(0, 16)}…` : null, after }
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
