import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadInventory } from '../../../../runner/load/inventory.ts'
import { makeScope } from '../../../../runner/load/scope.ts'
import { loadVarsFile } from '../../../../runner/load/vars-files.ts'
import { encrypt } from '../../../../runner/load/vault/cipher.ts'
import { formatEnvelope } from '../../../../runner/load/vault/envelope.ts'
import { parseVaultSource, readVaultPasswords } from '../../../../runner/load/vault/passwords.ts'
import { vault } from '../../../../runner/load/vault/vault.ts'
import { parseYaml } from '../../../../runner/load/yaml.ts'
import { errorsOf, files } from '../files.ts'

const sealed = (plain: string, password = 'pw', label?: string): string =>
  formatEnvelope(encrypt(Buffer.from(plain), Buffer.from(password), label))
const tagged = (...args: Parameters<typeof sealed>): string =>
  `!vault |\n${sealed(...args).replace(/^(?=.)/gm, '    ')}`
const given = (password: string, label = 'default') => ({ label, password: Buffer.from(password) })
const varsOf = (text: string) =>
  makeScope([{ vars: parseYaml('vars.yaml', text).value as Record<string, unknown>, data: false }])
const secrets = (): string[] => {
  const found: string[] = []
  vault.onSecret((secret) => found.push(secret))
  return found
}

beforeEach(() => vault.use([given('pw')]))
afterEach(() => vault.use([]))

describe('a value', () => {
  it('is opened where it is read, at any depth, and known as a secret from then on', () => {
    const scope = varsOf(
      `a: ${tagged('one')}\nb:\n  - { c: 2 }\n  - x: ${tagged('four').replaceAll('\n', '\n  ')}\n`,
    )
    const known = secrets()
    expect(known).toEqual([])
    expect(scope.a).toBe('one')
    expect(known).toEqual(['one'])
    expect(scope.b).toEqual([{ c: 2 }, { x: 'four' }])
    expect(secrets()).toEqual(['one', 'four'])
  })

  it('is text, and never a template', () => {
    const scope = varsOf(`a: ${tagged('{{ b }}')}\nb: 1\nc: "{{ a }}!"\nd: ${tagged('5')}\n`)
    expect([scope.a, scope.c, scope.d]).toEqual(['{{ b }}', '{{ b }}!', '5'])
  })

  it('is taken under its other tag, and as JSON has it', () => {
    const json = JSON.stringify({ a: { __ansible_vault: sealed('one') } })
    expect(varsOf(json).a).toBe('one')
    expect(varsOf(`a: ${tagged('two').replace('!vault', '!vault-encrypted')}`).a).toBe('two')
  })

  it('is told where it stands when no password, or none that fits, is given', () => {
    const text = `x: 1\na: ${tagged('one', 'another')}\n`
    const read = () => errorsOf(() => varsOf(text).a)[0]
    expect(read()).toMatchObject({ code: 'vault', pos: { file: 'vars.yaml', line: 2, col: 4 } })
    expect(read()!.message).toMatch(/no vault password that is given opens this value/)
    vault.use([])
    expect(read()).toMatchObject({ message: expect.stringMatching(/no vault password is given/) })
    expect(read()!.hint).toMatch(/--vault-password-file/)
  })

  it('of a label without a password says which', () => {
    const text = `a: ${tagged('one', 'another', 'prod')}\n`
    expect(errorsOf(() => varsOf(text).a)[0]).toMatchObject({
      message: expect.stringMatching(/the label prod/),
      hint: expect.stringMatching(/--vault-id prod@/),
    })
  })

  it('is opened with a password of another label, unless labels have to match', () => {
    const text = `a: ${tagged('one', 'pw', 'prod')}\n`
    expect(varsOf(text).a).toBe('one')
    vault.use([given('pw')], true)
    expect(errorsOf(() => varsOf(text).a)).toHaveLength(1)
    vault.use([given('pw', 'prod')], true)
    expect(varsOf(text).a).toBe('one')
  })

  it('that is cut short is told when the file is read', () => {
    expect(
      errorsOf(() => parseYaml('f', 'a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  33\n'))[0],
    ).toMatchObject({
      code: 'vault',
      pos: { line: 1, col: 4 },
    })
  })
})

describe('a file', () => {
  it('of variables holds secrets alone, numbers too', () => {
    const dir = files({ 'v.yaml': sealed('a: one\nb: [2, { c: three }]\nd: true\n') })
    expect(loadVarsFile(join(dir, 'v.yaml')).value).toMatchObject({ a: 'one', d: true })
    expect(secrets()).toEqual(['one', '2', 'three'])
  })

  it('of hosts is read, in each form; names are no secrets', () => {
    const dir = files({
      'a.ini': sealed('[web]\nh1 p=one\n[web:vars]\nq=two\n'),
      'b.yaml': sealed('db: { hosts: { h2: { r: three } } }\n'),
    })
    const { hosts } = loadInventory([dir])
    expect([...hosts.values()].map(({ name, vars }) => [name, vars])).toEqual([
      ['h1', { p: 'one', q: 'two' }],
      ['h2', { r: 'three' }],
    ])
    expect(secrets().sort()).toEqual(['one', 'three', 'two'])
  })

  it('that cannot be opened is told with the others, and shows nothing of itself', () => {
    const dir = files({
      hosts: 'h1\n',
      'group_vars/all/v.yaml': sealed('a: 1\n', 'another'),
      'host_vars/h1': 'a: [\n',
    })
    const errors = errorsOf(() => loadInventory([join(dir, 'hosts')]))
    expect(errors.map(({ code }) => code)).toEqual(['vault', 'yaml'])
    expect(errors[0]!.pos).toMatchObject({ file: join(dir, 'group_vars/all/v.yaml'), line: 1, col: 1 })
  })
})

describe('passwords', () => {
  const never = () => Promise.reject(new Error('nothing is asked for'))
  const read = async (...ids: string[]) =>
    (await readVaultPasswords(ids.map(parseVaultSource), never)).map(({ label, password }) => [
      label,
      password.toString(),
    ])

  it('come from files, without the blanks around them, and from programs, without the line break', async () => {
    const dir = files({ plain: '  pw one \n', 'program.sh': '#!/bin/sh\necho " pw two"\n' })
    chmodSync(join(dir, 'program.sh'), 0o755)
    expect(await read(join(dir, 'plain'), `dev@${join(dir, 'program.sh')}`)).toEqual([
      ['default', 'pw one'],
      ['dev', ' pw two'],
    ])
  })

  it('a client is told which password is wanted', async () => {
    const dir = files({ 'keys-client.sh': '#!/bin/sh\necho "for $2 by $1"\n' })
    chmodSync(join(dir, 'keys-client.sh'), 0o755)
    expect(await read(`prod@${join(dir, 'keys-client.sh')}`)).toEqual([['prod', 'for prod by --vault-id']])
  })

  it('may be encrypted with the one before', async () => {
    const dir = files({ first: 'pw', second: sealed('pw 2\n') })
    expect(await read(join(dir, 'first'), `b@${join(dir, 'second')}`)).toEqual([
      ['default', 'pw'],
      ['b', 'pw 2'],
    ])
  })

  it.each([
    ['is not there', {}, 'none', /does not exist/],
    ['is a folder', { 'none/x': '' }, 'none', /is a folder/],
    ['is empty', { none: '\n' }, 'none', /is empty/],
    ['is encrypted', { none: sealed('pw') }, 'none', /no vault password is given/],
    ['fails', { 'p.sh': '#!/bin/sh\necho pw; exit 3\n' }, 'p.sh', /ended with 3/],
    ['is no program', { 'p.sh': '#!/nowhere/sh\n' }, 'p.sh', /could not be run/],
  ])('one that %s is told', async (_, contents, name, message) => {
    const dir = files(contents)
    if (name === 'p.sh') chmodSync(join(dir, name), 0o755)
    await expect(read(join(dir, name))).rejects.toMatchObject({
      code: 'vault',
      message: expect.stringMatching(message),
    })
  })

  it('a program that anybody may change is not run', async () => {
    const dir = files({ p: `#!/bin/sh\ntouch ${'ran'}\n` })
    chmodSync(join(dir, 'p'), 0o777)
    await expect(read(join(dir, 'p'))).rejects.toMatchObject({
      message: expect.stringMatching(/anybody may change it/),
    })
  })
})
