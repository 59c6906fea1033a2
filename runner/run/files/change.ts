import { open, readFile, stat as statController } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { bytesOf } from '../../../contract/bytes.ts'
import type { Output } from '../../../contract/host.ts'
import type {
  AttributesStep,
  DirectoryStep,
  LinkStep,
  RemoveStep,
  Step,
  WriteFileStep,
} from '../../../contract/plan.ts'
import { quoteWords, wholeWord } from '../../../contract/quote.ts'
import { NO_PERL } from '../../hosts/resident/resident.ts'
import type { Connection } from '../../hosts/types.ts'
import { StepError } from '../step-error.ts'
import { CHANGE_SCRIPT } from './change-script.ts'
import { hintFor } from './hint.ts'
import type { FoundFile } from './read.ts'

/** What changes files, and nothing else. */
export type FileStep = WriteFileStep | DirectoryStep | AttributesStep | LinkStep | RemoveStep

const KINDS: ReadonlySet<Step['do']> = new Set<FileStep['do']>([
  'write_file',
  'directory',
  'attributes',
  'link',
  'remove',
])
export const isFileStep = (step: Step): step is FileStep => KINDS.has(step.do)

/** Steps and bytes that travel together at most; a few of these are in memory at once, on either side. */
const MOST_STEPS = 500
const MOST_BYTES = 8 * 1024 * 1024
/** One for all copies that a run keeps: UTC, to the second. */
const RUN = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
const SCRIPT = ['perl', '-e', CHANGE_SCRIPT, RUN]
/** A larger file of the controller takes a channel of its own, so that it need not be held. Bytes. */
const STREAM_FROM = 256 * 1024

interface ChangeOptions {
  /** Called with how many more are done. */
  onDone?: (count: number) => void
  /** What was read of a file whose content a step keeps. */
  found?: (path: string) => Promise<FoundFile | undefined>
}

/**
 * Changes files in the order given, many in one process; see change-script.ts for how. Files that stand together in
 * `steps` are all written before the first is renamed.
 * @throws {StepError} where one fails; a file that is not done is untouched
 */
export async function changeFiles(
  steps: readonly FileStep[],
  connection: Connection,
  as: string | undefined,
  { found, onDone = () => {} }: ChangeOptions = {},
): Promise<void> {
  let batch: Loaded[] = []
  let bytes = 0
  const flush = async () => {
    const sent = batch
    batch = []
    bytes = 0
    if (sent.length === 0) return
    const stdin = Buffer.concat(sent.flatMap(({ head, content }) => (content ? [head, content] : [head])))
    const text = `exec ${quoteWords(SCRIPT)}`
    const output = await connection.shell(text, { as, stdin, changes: true, uncut: true })
    judge(
      output,
      sent.map(({ step }) => step),
      onDone,
    )
  }
  for (const step of steps) {
    const loaded = await load(step, found)
    if (!loaded) {
      await flush()
      await stream(step as WriteFileStep, connection, as, onDone)
      continue
    }
    const more = loaded.content?.length ?? 0
    if (batch.length === MOST_STEPS || bytes + more > MOST_BYTES) await flush()
    batch.push(loaded)
    bytes += more
  }
  await flush()
}

interface Loaded {
  step: FileStep
  head: Buffer
  content?: Buffer
}

/** undefined: it is large, and goes by itself. */
async function load(step: FileStep, found: ChangeOptions['found']): Promise<Loaded | undefined> {
  if (step.do !== 'write_file') return { step, head: lineOf(wordsOf(step)) }
  const content = await contentOf(step)
  if (!content) return undefined
  const origin = step.keeps ? await found?.(step.path) : undefined
  return { step, head: lineOf(wordsOf(step, content.length, origin)), content }
}

async function contentOf({ content }: WriteFileStep): Promise<Buffer | undefined> {
  if (typeof content === 'string') return bytesOf(content)
  if (Buffer.isBuffer(content)) return content
  if ('output' in content) return Buffer.alloc(0)
  return (await statController(content.controllerFile)).size > STREAM_FROM
    ? undefined
    : readFile(content.controllerFile)
}

async function stream(
  step: WriteFileStep,
  connection: Connection,
  as: string | undefined,
  onDone: (count: number) => void,
): Promise<void> {
  const { controllerFile } = step.content as { controllerFile: string }
  try {
    const file = await open(controllerFile)
    const { size } = await file.stat()
    const content = file.createReadStream({ highWaterMark: 256 * 1024, end: Math.max(0, size - 1) })
    async function* parts() {
      yield lineOf(wordsOf(step, size))
      yield* content
    }
    const input = Readable.from(parts(), { objectMode: false })
    const output = await connection.stream(SCRIPT, input, { as })
    judge(output, [step], onDone)
  } catch (cause) {
    if (cause instanceof StepError) throw cause
    throw new StepError(`cannot write ${step.path}: ${(cause as Error).message}`, { cause })
  }
}

/** @throws {Refusal} on a NUL */
const hex = (text: string): string => Buffer.from(wholeWord(text)).toString('hex')
const lineOf = (words: readonly (string | number)[]): Buffer => Buffer.from(`${words.join(' ')}\n`)

/** The old one of a configuration file is kept, whoever wrote it. */
const isKept = ({ path, keep }: WriteFileStep): boolean => keep === true || path.startsWith('/etc/')

const flagsOf = ({ touch, anyName, keep }: AttributesStep): number =>
  (touch ? 1 : 0) | (anyName ? 2 : 0) | (keep ? 4 : 0)

/** As change-script.ts reads them. */
function wordsOf(step: FileStep, bytes = 0, origin?: FoundFile): (string | number)[] {
  const path = hex(step.path)
  if (step.do === 'remove') return ['remove', path]
  if (step.do === 'link') return ['link', path, hex(step.target)]
  const { mode = '-', owner, group, through = '-' } = step
  const names = [owner, group].map((name) => (name === undefined ? '-' : hex(name)))
  if (step.do !== 'write_file')
    return [step.do, path, through, mode, ...names, step.do === 'attributes' ? flagsOf(step) : 0]
  const validate = step.validate?.map(hex) ?? []
  const { content } = step
  const output = typeof content !== 'string' && 'output' in content ? content.output.map(hex) : []
  const flags = (step.backup ? 1 : 0) | (step.replacesLink ? 2 : 0) | (isKept(step) ? 4 : 0)
  return [
    'write',
    path,
    through,
    mode,
    ...names,
    bytes,
    flags,
    asWord(origin),
    validate.length,
    ...validate,
    ...output,
  ]
}

/** Of the content that is kept: who could read it where it was. */
const asWord = (origin: FoundFile | undefined): string =>
  origin && origin.content.length > 0 ? [origin.uid, origin.gid, origin.mode, origin.folder].join() : '-'

const FAILED: Record<FileStep['do'], string> = {
  write_file: 'cannot write',
  directory: 'cannot make the folder',
  attributes: 'cannot change',
  link: 'cannot make the link',
  remove: 'cannot remove',
}

/** @throws {StepError} where not all was done */
function judge(
  { code, stdout, stderr }: Output,
  steps: readonly FileStep[],
  onDone: (count: number) => void,
) {
  if (code === 127) throw new StepError(NO_PERL.message, { hint: NO_PERL.hint })
  const done = Number(stdout) || 0
  onDone(done)
  if (code === 0) return
  const said = /^([0-9a-f]*) ([0-9a-f]*) (\d+) (\w+)$/m.exec(stderr)
  if (!said)
    throw new StepError(`${FAILED[steps[done]?.do ?? 'write_file']} ${steps[done]?.path}`, {
      command: { argv: 'perl', code, stdout, stderr },
    })
  const [path, why] = [said[1]!, said[2]!].map((text) => Buffer.from(text, 'hex').toString().trim()) as [
    string,
    string,
  ]
  const step = steps.find((one) => one.path === path) ?? steps[done]!
  const command =
    said[4] === 'validate' && step.do === 'write_file'
      ? { argv: quoteWords(step.validate!), code: Number(said[3]), stdout: '', stderr: why }
      : undefined
  throw new StepError(`${FAILED[step.do]} ${path}: ${why || `exit code ${said[3]}`}`, {
    hint: hintFor(why, step.do),
    command,
  })
}
