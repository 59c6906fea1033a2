import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlayError } from '../../../../runner/errors.ts'
import { decrypt, encrypt } from '../../../../runner/load/vault/cipher.ts'
import { formatEnvelope, parseEnvelope } from '../../../../runner/load/vault/envelope.ts'
import type { Recorded } from '../../../oracle/vault/cases.ts'
import { errorsOf } from '../files.ts'

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL('../../../oracle/vault/recorded.json', import.meta.url), 'utf8'),
)

describe('what ansible-vault encrypted', () => {
  it.each(recorded.map((one) => [`${one.name} (${one.madeBy})`, one] as const))('%s', (_, one) => {
    const envelope = parseEnvelope(one.text)
    expect(envelope.label).toBe(one.label)
    expect(decrypt(envelope, Buffer.from(one.password))?.toString('base64')).toBe(one.plain)
    // Written again it is the same, to the last line break.
    expect(formatEnvelope(envelope)).toBe(one.text)
  })
})

const [{ text, password }] = recorded as [Recorded]
const withoutHead = text.slice(text.indexOf('\n') + 1)

it('indentation, blank lines and carriage returns change nothing', () => {
  const odd = text.replaceAll('\n', '\r\n     \r\n    ')
  expect(decrypt(parseEnvelope(odd), Buffer.from(password))?.toString()).toBe('hello\n')
})

it('nothing is decrypted with another password, or where a digit was changed', () => {
  const envelope = parseEnvelope(text)
  expect(decrypt(envelope, Buffer.from('another'))).toBeUndefined()
  for (const part of ['salt', 'hmac', 'ciphertext'] as const) {
    const changed = Buffer.from(envelope[part])
    changed[0]! ^= 1
    expect(decrypt({ ...envelope, [part]: changed }, Buffer.from(password))).toBeUndefined()
  }
})

it('a text is never the same twice', () => {
  const made = () => formatEnvelope(encrypt(Buffer.from('x'), Buffer.from('pw')))
  expect(made()).not.toBe(made())
})

describe('what is no such text is told at its place', () => {
  const pos = { file: 'f.yaml', line: 3, col: 5 }
  it.each([
    ['another first line', 'hello', /no text of ansible-vault/],
    ['an old format', '$ANSIBLE_VAULT;1.0;AES\n00', /1\.0/],
    ['a format to come', `$ANSIBLE_VAULT;2.0;AES256\n${withoutHead}`, /1\.1 and 1\.2/],
    ['another cipher', `$ANSIBLE_VAULT;1.1;ROT13\n${withoutHead}`, /ROT13/],
    ['the first line alone', '$ANSIBLE_VAULT;1.1;AES256', /cut short/],
    ['a line less', text.trimEnd().split('\n').slice(0, -1).join('\n'), /cut short/],
    ['a digit less', text.trimEnd().slice(0, -1), /cut short/],
    ['a letter that is no digit', text.replace(/.\n$/, 'g\n'), /cut short/],
    ['something after it', `${text}other: 1\n`, /cut short/],
  ])('%s', (_, wrong, message) => {
    const [error] = errorsOf(() => parseEnvelope(wrong, pos))
    expect(error).toMatchObject({ code: 'vault', pos, message: expect.stringMatching(message) })
  })
})

it('any text is read or refused, never more', () => {
  const near = fc
    .tuple(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 5 }))
    .map(([at, length, other]) => text.slice(0, at) + other + text.slice(at + length))
  const odd = fc.string().map((rest) => `$ANSIBLE_VAULT${rest}`)
  fc.assert(
    fc.property(fc.oneof(near, odd, fc.string()), (input) => {
      try {
        const { salt, hmac, ciphertext } = parseEnvelope(input)
        return salt.length > 0 && hmac.length === 32 && ciphertext.length > 0
      } catch (error) {
        return error instanceof PlayError && error.code === 'vault'
      }
    }),
    { numRuns: 2000 },
  )
})
