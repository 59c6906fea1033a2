import { bytesOf, textOf } from '../../../contract/bytes.ts'
import { withoutLineEnds } from '../../../contract/ends.ts'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { flag, hostPath, type Ownership, ownership, param, text } from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { PatternFault, PythonRegex } from '../../../contract/regex/index.ts'
import { requireKnown, requireKnownToMake, statFollowed } from './inspect.ts'
import { inspectTarget, planTarget, type Target, validateParam, validateWords } from './target.ts'

/** What every module has that edits a text file of the host. */
export const editParams = {
  path: param(hostPath(), 'The file.', { aliases: ['dest', 'destfile', 'name'], example: '/etc/hosts' }),
  ...ownership,
  backup: param(flag().default(false), 'Keep the old file beside, with the time in its name.'),
  validate: validateParam,
  encoding: param(
    text({ expected: 'utf-8', fits: /^utf-?8$/i, takes: '`utf-8`' }).default('utf-8'),
    'Only UTF-8.',
  ),
  unsafe_writes: param(
    flag().default(false),
    'Taken, and of no effect: a file is written beside, and takes its place whole.',
  ),
}
interface EditParams extends Ownership {
  path: string
  backup: boolean
  validate?: string
  create?: boolean
}

export interface Edited {
  text: string
  /** In Ansible's words: `line added`. */
  msg: string
}
export interface EditState {
  /** null where there is no file, and none is to be. */
  target: Target | null
  msg: string
}

/**
 * The file with another text.
 * @param edit of the text as it is; undefined where there is no file. undefined: there shall be none
 * @throws {Refusal}
 */
export async function inspectEdit(
  host: HostReader,
  params: EditParams,
  edit: (text: string | undefined) => Edited | undefined,
): Promise<EditState> {
  const { path, stat, through } = await statFollowed(host, params.path)
  if (stat?.type === 'directory') throw new Refusal(`${params.path} is a folder, not a file`)
  if (!stat && params.create) await requireKnownToMake(host, path)
  else if (!stat) requireKnown(host, path)
  const content = stat ? await host.readFile(path) : null
  if (content?.includes(0))
    throw new Refusal(`${params.path} holds something else than text`, 'Replace it with copy.')
  const edited = edit(content ? textOf(content) : undefined)
  if (!edited) return { target: null, msg: '' }
  const target = await inspectTarget(host, path, { content: bytesOf(edited.text) }, undefined, params)
  return { target: { ...target, through }, msg: edited.msg }
}

export function planEdit({ target }: EditState, params: EditParams): Plan {
  if (!target) return { changes: [], steps: [] }
  return planTarget(target, { ...params, force: true, keeps: true, validate: validateWords(params.validate) })
}

export const editResult = ({ msg }: EditState): Record<string, unknown> => (msg === '' ? {} : { msg })

/** A regular expression of Python's. */
export const pattern = () =>
  text({ takes: 'regular expression of Python' }).superRefine((source, context) => {
    try {
      PythonRegex.compile(source)
    } catch (error) {
      if (!(error instanceof PatternFault)) throw error
      context.addIssue({
        code: 'custom',
        message: `expected a regular expression of Python: at character ${error.at + 1}, ${error.message}`,
        input: source,
      })
    }
  })

/** Steps that one file may take; some seconds. */
const MOST_STEPS = 100_000_000

/** Counts, so that no pattern goes on for ever. @throws {Refusal} */
export function counted(path: string): (steps: number) => void {
  let left = MOST_STEPS
  return (steps) => {
    left -= steps
    if (left < 0)
      throw new Refusal(`the pattern takes too long on ${path}`, 'Make it simpler, or say more of the line.')
  }
}

/** Lines with their ends. */
export const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/))
export const bare = withoutLineEnds
