import type { Options } from '../../cli.ts'
import { PlayError } from '../../errors.ts'
import { encrypt } from '../../load/vault/cipher.ts'
import { formatEnvelope, isVaultText } from '../../load/vault/envelope.ts'
import { type Opened, type VaultPassword, vault } from '../../load/vault/vault.ts'
import type { VaultRequest } from '../../options/vault.ts'
import { editText } from './editor.ts'
import { encryptStrings } from './encrypt-string.ts'
import {
  PRIVATE,
  readInput,
  refuseExisting,
  requireReplaceable,
  requireWritable,
  STANDARD,
  type Streams,
  writeOutput,
} from './files.ts'
import { existingPasswords, newPassword, passwordToEncrypt, rekeyPassword } from './passwords.ts'

/**
 * `play vault ACTION`. All of the input is read and opened before anything is written.
 * @param streams standard input and output @returns the exit code
 */
export async function vaultCommand(
  options: Options,
  streams: Streams = { input: process.stdin, output: process.stdout },
): Promise<number> {
  const request = options.vault!
  await ACTIONS[request.action]({ options, request, streams })
  return 0
}

interface Job {
  options: Options
  request: VaultRequest
  streams: Streams
}

const ACTIONS: Record<VaultRequest['action'], (job: Job) => Promise<void>> = {
  async create({ options, request, streams }) {
    const path = oneFile(request)
    await refuseExisting(path)
    await requireWritable(path)
    const by = await newPassword(options, request)
    await writeOutput(path, sealed(await editText(Buffer.alloc(0), path), by), streams)
  },

  async encrypt(job) {
    const { options, request, streams } = job
    const inputs = await inputsOf(job)
    for (const { path, content } of inputs)
      if (isVaultText(content))
        throw new PlayError('vault', `${path} is encrypted already`, {
          hint: 'play vault rekey changes its password',
        })
    const by = await newPassword(options, request)
    for (const { path, content } of inputs)
      await writeOutput(request.output ?? path, sealed(content, by), streams)
  },

  async decrypt(job) {
    for (const { path, plain } of await openAll(job))
      await writeOutput(job.request.output ?? path, plain, job.streams, PRIVATE)
  },

  async view(job) {
    for (const { plain } of await openAll(job)) await writeOutput(STANDARD, plain, job.streams)
  },

  async edit(job) {
    const { options, request, streams } = job
    const path = oneFile(request)
    await requireWritable(path)
    for (const { plain, by } of await openAll(job)) {
      const chosen = request.encryptVaultId === undefined ? by : passwordToEncrypt(options, request)
      const edited = await editText(plain, path)
      if (chosen !== by || !edited.equals(plain)) await writeOutput(path, sealed(edited, chosen), streams)
    }
  },

  'encrypt-string': async ({ options, request, streams }) => {
    const by = await newPassword(options, request)
    const texts = await encryptStrings(request, streams, (plain) => sealed(plain, by).toString())
    await writeOutput(request.output ?? STANDARD, Buffer.from(texts), streams)
  },

  async rekey(job) {
    const opened = await openAll(job)
    const by = await rekeyPassword(job.options, job.request)
    for (const { path, plain } of opened) await writeOutput(path, sealed(plain, by), job.streams)
  },
}

const sealed = (plain: Buffer, by: VaultPassword): Buffer =>
  Buffer.from(formatEnvelope(encrypt(plain, by.password, by.label)))

interface Input {
  path: string
  content: Buffer
}

async function inputsOf({ request: { action, operands, output }, streams }: Job): Promise<Input[]> {
  if (action !== 'view' && output === undefined) await Promise.all(operands.map(requireReplaceable))
  return Promise.all(
    (operands.length === 0 ? [STANDARD] : operands).map(async (path) => ({
      path,
      content: await readInput(path, streams),
    })),
  )
}

async function openAll(job: Job): Promise<(Opened & { path: string })[]> {
  const inputs = await inputsOf(job)
  await existingPasswords(job.options)
  return inputs.map(({ path, content }) => {
    const pos = { file: path === STANDARD ? 'standard input' : path, line: 1, col: 1 }
    return { path, ...vault.open(content.toString('latin1'), 'this file', pos) }
  })
}

function oneFile({ action, operands }: VaultRequest): string {
  const [path, ...others] = operands
  if (path !== undefined && path !== STANDARD && others.length === 0) return path
  throw new PlayError('usage', `play vault ${action} takes one file`, { hint: `play vault ${action} FILE` })
}
