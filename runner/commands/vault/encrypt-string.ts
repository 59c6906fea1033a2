import { PlayError } from '../../errors.ts'
import type { VaultRequest } from '../../options/vault.ts'
import { askLine, askSecret } from '../ask.ts'
import { readInput, STANDARD, type Streams } from './files.ts'

/** Of the lines of a value, as ansible-vault indents them. */
const INDENT = ' '.repeat(10)

interface Text {
  name?: string
  plain: Buffer
}

/** The texts that are asked for, come in and are given, in this order, as values for a YAML file. */
export async function encryptStrings(
  request: VaultRequest,
  streams: Streams,
  seal: (plain: Buffer) => string,
): Promise<string> {
  const texts = await textsOf(request, streams)
  if (texts.some(({ plain }) => plain.length === 0))
    throw new PlayError('usage', 'an empty text is nothing to encrypt', {
      hint: 'play vault encrypt-string TEXT',
    })
  return texts.map(({ name, plain }) => asYaml(name, seal(plain))).join('')
}

async function textsOf(request: VaultRequest, streams: Streams): Promise<Text[]> {
  const names = [...request.names]
  const texts: Text[] = []
  const operands = request.operands.filter((one) => one !== STANDARD)
  if (request.prompt) texts.push(await asked(request, names))
  const readsInput =
    request.stdinName !== undefined ||
    operands.length < request.operands.length ||
    (!request.prompt && operands.length === 0)
  if (readsInput) {
    const name = request.stdinName ?? (operands.length === 0 ? names.shift() : undefined)
    texts.push({ name, plain: await readInput(STANDARD, streams) })
  }
  for (const text of operands) texts.push({ name: names.shift(), plain: Buffer.from(text) })
  return texts
}

async function asked({ operands, showInput }: VaultRequest, names: string[]): Promise<Text> {
  const given = operands.length === 0 ? names.shift() : undefined
  const name = given ?? (await askLine('Name of the variable (enter for none): '))
  const ask = showInput ? askLine : askSecret
  return { name: name === '' ? undefined : name, plain: Buffer.from(await ask('Text to encrypt: ')) }
}

function asYaml(name: string | undefined, text: string): string {
  const key = name === undefined ? '' : `${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}: `
  return `${key}!vault |\n${text.replace(/^(?=.)/gm, INDENT)}`
}
