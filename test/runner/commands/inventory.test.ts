import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, expect, it } from 'vitest'
import { inventoryCommand } from '../../../runner/commands/inventory/index.ts'
import { PlayError } from '../../../runner/errors.ts'
import { encrypt } from '../../../runner/load/vault/cipher.ts'
import { formatEnvelope } from '../../../runner/load/vault/envelope.ts'
import { vault } from '../../../runner/load/vault/vault.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import { files } from '../load/files.ts'

afterEach(() => vault.use([]))

const sealed = (plain: string): string => formatEnvelope(encrypt(Buffer.from(plain), Buffer.from('pw')))

async function shown(...words: string[]): Promise<string> {
  const parts: string[] = []
  const output = new Writable({ write: (part, _, done) => done(void parts.push(String(part))) })
  await inventoryCommand(parseArguments(['inventory', ...words], {}), output)
  return parts.join('')
}

it('encrypted values are shown as they are, without a password, and those of encrypted files not at all', async () => {
  const value = sealed('one')
  const dir = files({
    hosts: 'h1 c=3\n',
    'group_vars/all.yaml': `a: !vault |\n${value.replace(/^(?=.)/gm, '  ')}`,
    pw: 'pw',
  })
  const args = ['-i', join(dir, 'hosts'), '--host', 'h1']
  expect(JSON.parse(await shown(...args))).toEqual({ a: { __ansible_vault: value }, c: 3 })
  const encrypted = files({ hosts: 'h1\n', 'host_vars/h1': sealed('b: two\nn: 7\n') })
  const withFile = ['-i', join(encrypted, 'hosts'), '--vault-password-file', join(dir, 'pw')]
  expect(JSON.parse(await shown(...withFile, '--host', 'h1'))).toEqual({ b: '********', n: '********' })
  expect(await shown(...withFile, '--graph', '--vars')).toContain('{b = ********}')
})

it('YAML says the same as JSON, and -e wins', async () => {
  const dir = files({ hosts: '[web]\nh1 a=1\n' })
  expect(await shown('-i', join(dir, 'hosts'), '--host', 'h1', '--yaml', '-e', 'a=2')).toBe('a: "2"\n')
})

it.each([
  [['-i', 'h1,'], 'usage'],
  [['-i', 'h1,', '--list', '--graph'], 'usage'],
  [['-i', 'h1,', '--list', 'web'], 'usage'],
  [['-i', 'h1,', '--host', 'h2'], 'pattern'],
  [['-i', 'h1,', '--graph', 'web'], 'pattern'],
])('%j is refused', async (words, code) => {
  const error = await Promise.resolve()
    .then(() => shown(...words))
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PlayError)
  expect(error).toMatchObject({ code })
})
