import { Refusal } from '../../../contract/errors.ts'
import type { Looks } from '../../hosts/types.ts'
import { rightsHint } from './hint.ts'

/** A file as it is. */
export interface FoundFile {
  uid: number
  gid: number
  /** '0644' */
  mode: string
  /** Device and inode of the folder that it stands in. */
  folder: string
  content: Buffer
}

/** What is in a file, links followed as far as they can be trusted; null where there is none. @throws {Refusal} where it cannot be read */
export async function readFile(
  path: string,
  connection: Looks,
  as: string | undefined,
): Promise<FoundFile | null> {
  const [kind, ...words] = (await connection.look('read', path, as)).split(' ')
  if (kind === '0') return null
  if (kind === '/') throw new Refusal(`${path} is a folder, not a file`)
  if (kind === '!') {
    const why = textOf(words[0]!)
    throw new Refusal(`cannot read ${path}: ${why}`, rightsHint(why))
  }
  const [uid, gid, mode, folder, content = ''] = words
  return {
    uid: Number(uid),
    gid: Number(gid),
    mode: mode!,
    folder: folder!,
    content: Buffer.from(content, 'base64'),
  }
}

/** A text as the host writes it in an answer. */
export const textOf = (hex: string): string => Buffer.from(hex, 'hex').toString()
