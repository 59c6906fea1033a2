import { Refusal } from '../../../contract/errors.ts'
import type { Connection } from '../../hosts/types.ts'
import { NO_PERL } from './hint.ts'
import { READ_SCRIPT } from './read-script.ts'

/** A file as it is. */
export interface FoundFile {
  uid: number
  gid: number
  /** '0644' */
  mode: string
  content: Buffer
}

/**
 * What is in files, links followed; null where there is none. A path's own failure is its answer.
 * @throws {Refusal} where nothing could be read at all
 */
export async function readFiles(
  paths: readonly string[],
  connection: Connection,
  as: string | undefined,
): Promise<(FoundFile | Refusal | null)[]> {
  const stdin = paths.map((path) => `${Buffer.from(path).toString('hex')}\n`).join('')
  const { code, stdout, stderr } = await connection.exec(['perl', '-e', READ_SCRIPT], { as, stdin })
  if (code === 127) throw new Refusal(NO_PERL.message, NO_PERL.hint)
  const lines = stdout.split('\n')
  if (code !== 0 || lines.length !== paths.length + 1)
    throw new Refusal(`cannot read ${paths[0]}: ${stderr.trim() || `exit code ${code}`}`)
  return paths.map((path, index) => answerOf(path, lines[index]!))
}

function answerOf(path: string, line: string): FoundFile | Refusal | null {
  const [kind, ...words] = line.split(' ')
  if (kind === '0') return null
  if (kind === '/') return new Refusal(`${path} is a folder, not a file`)
  if (kind === '!') return new Refusal(`cannot read ${path}: ${Buffer.from(words[0]!, 'hex')}`)
  const [uid, gid, mode, content = ''] = words
  return { uid: Number(uid), gid: Number(gid), mode: mode!, content: Buffer.from(content, 'base64') }
}
