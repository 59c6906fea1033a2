import type { WriteFileStep } from '../../contract/plan.ts'
import type { Connection } from '../hosts/types.ts'
import { StepError } from './step-error.ts'
import { hintFor, loadSmallContent, writeFile } from './write-file.ts'
import { WRITE_FILES_SCRIPT } from './write-files-script.ts'

/** Files and bytes that travel together at most; a few of these are in memory at once, on either side. */
const MOST_FILES = 500
const MOST_BYTES = 8 * 1024 * 1024

/**
 * Writes files one after another in the order given, many in one process: each is at every moment all of the old or all
 * of the new.
 * @param onDone called with how many more are there
 * @throws {StepError} where one fails
 */
export async function writeFiles(
  steps: readonly WriteFileStep[],
  connection: Connection,
  as: string | undefined,
  onDone: (count: number) => void = () => {},
): Promise<void> {
  let batch: Loaded[] = []
  let bytes = 0
  const flush = async () => {
    if (batch.length > 1) await writeBatch(batch, connection, as, onDone)
    else for (const { step } of batch) await one(step)
    batch = []
    bytes = 0
  }
  const one = async (step: WriteFileStep) => {
    await writeFile(step, connection, as)
    onDone(1)
  }
  for (const step of steps) {
    const loaded = await load(step)
    if (!loaded) {
      await flush()
      await one(step)
      continue
    }
    if (batch.length === MOST_FILES || bytes + loaded.content.length > MOST_BYTES) await flush()
    batch.push(loaded)
    bytes += loaded.content.length
  }
  await flush()
}

interface Loaded {
  step: WriteFileStep
  content: Buffer
}

/** undefined: it goes by itself, because it is large, or something more is to be done with it. */
async function load(step: WriteFileStep): Promise<Loaded | undefined> {
  if (step.validate || step.backup) return undefined
  const { content } = await loadSmallContent(step)
  if (typeof content === 'string') return { step, content: Buffer.from(content) }
  return Buffer.isBuffer(content) ? { step, content } : undefined
}

async function writeBatch(
  batch: readonly Loaded[],
  connection: Connection,
  as: string | undefined,
  onDone: (count: number) => void,
): Promise<void> {
  const stdin = Buffer.concat(batch.flatMap(({ step, content }) => [headOf(step, content), content]))
  const { code, stdout, stderr } = await connection.exec(['perl', '-e', WRITE_FILES_SCRIPT], {
    as,
    stdin,
    changes: true,
    uncut: true,
  })
  if (code === 127) {
    // No perl on this host: one by one, then.
    for (const { step } of batch) {
      await writeFile(step, connection, as)
      onDone(1)
    }
    return
  }
  onDone(Number(stdout) || 0)
  if (code === 0) return
  const [path, ...why] = stderr.trim().split('\n')
  throw new StepError(`cannot write ${path}: ${why.join(' ') || `exit code ${code}`}`, {
    hint: hintFor(why.join(' ')),
  })
}

function headOf({ path, mode, owner, group }: WriteFileStep, content: Buffer): Buffer {
  const words = [Buffer.from(path).toString('hex'), mode ?? '-', owner ?? '-', group ?? '-', content.length]
  return Buffer.from(`${words.join(' ')}\n`)
}
