import { open, readFile, stat as statController } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { WriteFileStep } from '../../contract/plan.ts'
import { quoteWord, quoteWords } from '../../contract/quote.ts'
import type { Connection } from '../hosts/types.ts'
import { StepError } from './step-error.ts'

/** Above this the content takes a channel of its own, so that it need not be held and encoded. Bytes. */
const STREAM_FROM = 256 * 1024

/**
 * Writes a file so that at every moment the path holds either all of the old or all of the new: a temporary name
 * in the same folder, 0600 until it has its owner and mode, synced, then renamed.
 * @throws {StepError} the folder missing, the disk full, validation refused: then the old file is untouched.
 */
export async function writeFile(
  step: WriteFileStep,
  connection: Connection,
  as: string | undefined,
): Promise<void> {
  const { content } = step
  const run = async (text: string, stdin?: Buffer) => {
    const output = await connection.shell(text, { as, stdin, changes: true, uncut: true })
    if (output.code === 0) return output.stdout
    const why = output.stderr.trim() || output.stdout.trim()
    throw new StepError(`cannot write ${step.path}: ${why || `exit code ${output.code}`}`, {
      hint: hintFor(why),
      command: step.validate
        ? { argv: quoteWords(step.validate), code: output.code, stdout: output.stdout, stderr: output.stderr }
        : undefined,
    })
  }
  if (typeof content === 'string' || Buffer.isBuffer(content)) {
    await run(script(step, true), Buffer.isBuffer(content) ? content : Buffer.from(content))
    return
  }
  const temporary = (await run(`mktemp -- ${quoteWord(temporaryPattern(step.path))}`)).trim()
  try {
    const file = await open(content.controllerFile)
    const stream = file.createReadStream({ highWaterMark: 256 * 1024 })
    await connection.upload(temporary, stream, { as, mode: '0600' })
  } catch (cause) {
    await connection.exec(['rm', '-f', '--', temporary], { as, changes: true })
    throw new StepError(`cannot write ${step.path}: ${(cause as Error).message}`, { cause })
  }
  await run(`t=${quoteWord(temporary)}\n${finish(step)}`)
}

const temporaryPattern = (path: string): string => `${dirname(path)}/.${basename(path)}.play.XXXXXX`

function script(step: WriteFileStep, fromStdin: boolean): string {
  return `t=$(mktemp -- ${quoteWord(temporaryPattern(step.path))}) || exit 1
${fromStdin ? 'cat > "$t" || { rm -f -- "$t"; exit 1; }' : ''}
${finish(step)}`
}

/** With `$t` written: owner, mode, validation, sync, rename; on any failure the temporary file goes and the old stays. */
function finish(step: WriteFileStep): string {
  const path = quoteWord(step.path)
  const owner =
    step.owner === undefined && step.group === undefined ? null : `${step.owner ?? ''}:${step.group ?? ''}`
  const validate = step.validate?.map((word) =>
    word.includes('%s') ? `"$(printf %s ${quoteWord(word)} | sed "s|%s|$t|g")"` : quoteWord(word),
  )
  const parts = [
    `if [ -e ${path} ] && [ ! -L ${path} ]; then chown --reference=${path} -- "$t" && chmod --reference=${path} -- "$t"; else chmod 0644 -- "$t"; fi`,
    owner === null ? null : `chown ${quoteWord(owner)} -- "$t"`,
    step.mode === undefined ? null : `chmod ${quoteWord(step.mode)} -- "$t"`,
    validate ? validate.join(' ') : null,
    step.backup ? `{ [ ! -e ${path} ] || cp -a -- ${path} ${path}".$(date +%Y%m%dT%H%M%S)~"; }` : null,
    'sync -- "$t"',
    `mv -fT -- "$t" ${path}`,
  ].filter((part) => part !== null)
  return `{ ${parts.map((part) => `{ ${part}; }`).join(' && ')}; } || { c=$?; rm -f -- "$t"; exit $c; }`
}

/** Reads a controller file into the step where it is small enough for one round trip. */
export async function loadSmallContent(step: WriteFileStep): Promise<WriteFileStep> {
  if (typeof step.content === 'string' || Buffer.isBuffer(step.content)) return step
  const path = step.content.controllerFile
  if ((await statController(path)).size > STREAM_FROM) return step
  return { ...step, content: await readFile(path) }
}

/** What to do about what the system said. */
export function hintFor(why: string): string | undefined {
  if (/No space left on device/.test(why))
    return 'The disk is full: free space there (`df -h`), then run again. The old file is untouched.'
  if (/No such file or directory/.test(why))
    return 'Create its folder first: `file: { path: …, state: directory }`.'
  if (/Permission denied/.test(why)) return 'Does the task need `become: true`?'
  if (/Read-only file system/.test(why)) return 'The file system is mounted read-only.'
  return undefined
}
