import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../../contract/errors.ts'
import { fingerprintProblem, trustedKey } from '../../../../modules/packages/apt-repo/key.ts'
import { armor, readPublicKeys } from '../../../../modules/packages/apt-repo/openpgp.ts'
import { fakeHost } from '../../../support/fake-host.ts'
import { BOTH_KEYS, OTHER_FINGERPRINT, OTHER_KEY, PLAY_BINARY, PLAY_FINGERPRINT, PLAY_KEY } from '../keys.ts'

describe('readPublicKeys', () => {
  it.each([
    ['an armoured EdDSA key', Buffer.from(PLAY_KEY), [PLAY_FINGERPRINT], true],
    ['an armoured RSA key', Buffer.from(OTHER_KEY), [OTHER_FINGERPRINT], true],
    ['a binary key', PLAY_BINARY, [PLAY_FINGERPRINT], false],
    ['several keys in one block', Buffer.from(BOTH_KEYS), [PLAY_FINGERPRINT, OTHER_FINGERPRINT], true],
    [
      'an armoured key with Windows line ends',
      Buffer.from(PLAY_KEY.replaceAll('\n', '\r\n')),
      [PLAY_FINGERPRINT],
      true,
    ],
  ])('gives the fingerprints that gpg gives for %s', (_what, file, fingerprints, armored) => {
    expect(readPublicKeys(file, 'key')).toMatchObject({ fingerprints, armored })
  })

  it.each([
    ['an error page', Buffer.from('<html>404</html>')],
    ['nothing', Buffer.alloc(0)],
    ['a key cut short', PLAY_BINARY.subarray(0, 100)],
    ['a key with something behind it', Buffer.concat([PLAY_BINARY, Buffer.from('more')])],
    ['armour without its end', Buffer.from(PLAY_KEY.replace(/-----END.*/s, ''))],
    ['two blocks', Buffer.from(PLAY_KEY + OTHER_KEY)],
    [
      'a private key',
      Buffer.from('-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----\n'),
    ],
    ['a private key packet', Buffer.from([0xc5, 1, 4])],
  ])('refuses %s', (_what, file) => {
    expect(() => readPublicKeys(file, 'key')).toThrow(Refusal)
  })
})

describe('armour', () => {
  /** The packets of both keys one after the other, each encoded by itself: padding stands in the middle. */
  const lines = (bytes: Buffer) => bytes.toString('base64').replace(/.{64}/g, '$&\n')
  const bytesOf = (text: string) => readPublicKeys(Buffer.from(text), 'key').bytes
  const block = (...text: string[]) =>
    Buffer.from(
      ['-----BEGIN PGP PUBLIC KEY BLOCK-----', '', ...text, '-----END PGP PUBLIC KEY BLOCK-----', ''].join(
        '\n',
      ),
    )
  const padded = lines(Buffer.concat([PLAY_BINARY, Buffer.alloc(0)]))

  it.each([
    ['a second key behind the padding', block(padded, lines(bytesOf(OTHER_KEY)))],
    ['padding in the middle', block('mDM=', 'mDM=')],
    ['letters that are none', block(padded.replace(/.$/m, '*'))],
    [
      'bits left over',
      block(padded.replace(/([A-Za-z0-9+/])(=*)$/, (_, last, pad) => `${pad ? 'B' : last}${pad}x`)),
    ],
    ['a wrong checksum', block(padded, '=AAAA')],
    [
      'text where headers belong',
      Buffer.from(block(padded).toString().replace('\n\n', '\nmDMEawOuvBYJKwYB\n\n')),
    ],
    ['no empty line', Buffer.from(block(padded).toString().replace('\n\n', '\n'))],
    ['text behind the checksum', block(padded, '=sBLt', padded)],
  ])('refuses %s, which another reader may take for more', (_what, file) => {
    expect(() => readPublicKeys(file, 'key')).toThrow(Refusal)
  })

  it('is written anew from what was looked at', () => {
    const bytes = bytesOf(PLAY_KEY)
    expect(armor(bytes).toString()).toBe(PLAY_KEY)
    expect(bytesOf(armor(bytesOf(OTHER_KEY)).toString()).equals(bytesOf(OTHER_KEY))).toBe(true)
    const commented = PLAY_KEY.replace('\n\n', '\nComment: whatever\nVersion: 1\n\n')
    expect(armor(bytesOf(commented)).toString()).toBe(PLAY_KEY)
  })

  it('is decoded as base64(1) decodes it, whatever is done to it, or refused', () => {
    const [head, ...rest] = PLAY_KEY.split('\n')
    let random = 12345
    const next = (below: number) => {
      random = (random * 1103515245 + 12345) % 2147483648
      return random % below
    }
    const files = Array.from({ length: 300 }, () => {
      const text = [...rest.join('\n')]
      const junk = ['=', '\n', 'A', ' ', '-', '\t', '==\n', '\n\n', '/'][next(9)]!
      text.splice(next(text.length), next(3), junk)
      return `${head}\n${text.join('')}`
    })
    for (const file of files) {
      let bytes: Buffer
      try {
        bytes = bytesOf(file)
      } catch {
        continue
      }
      const body = file.split('\n\n')[1]!.split(/\n=[^\n]{4}\n|\n-----END/)[0]!
      const { stdout, status } = spawnSync('base64', ['-d'], { input: body.replaceAll(/[ \t\r]+$/gm, '') })
      expect(status, file).toBe(0)
      expect(stdout.equals(bytes), file).toBe(true)
    }
  })
})

describe('trustedKey', () => {
  const host = (content: string) => fakeHost({ controller: { fetch: async () => Buffer.from(content) } })
  const url = 'https://example.org/key.asc'

  it('ignores spaces and case in the wanted fingerprint', async () => {
    const spaced = PLAY_FINGERPRINT.toLowerCase().replace(/(.{4})/g, '$1 ')
    expect(await trustedKey(host(PLAY_KEY), { url, fingerprint: spaced })).toMatchObject({
      fingerprint: PLAY_FINGERPRINT,
      armored: true,
    })
  })

  it('shows both fingerprints where they differ', async () => {
    const refused = await trustedKey(host(OTHER_KEY), { url, fingerprint: PLAY_FINGERPRINT }).catch(
      (error) => error,
    )
    expect(refused).toBeInstanceOf(Refusal)
    const shown = refused.details.join('\n').replaceAll(' ', '')
    expect(shown).toContain(PLAY_FINGERPRINT)
    expect(shown).toContain(OTHER_FINGERPRINT)
  })

  it('refuses a file with a further key, naming it', async () => {
    const refused = await trustedKey(host(BOTH_KEYS), { url, fingerprint: PLAY_FINGERPRINT }).catch(
      (error) => error,
    )
    expect(refused).toBeInstanceOf(Refusal)
    expect(refused.details.join('\n').replaceAll(' ', '')).toContain(OTHER_FINGERPRINT)
  })

  it('wants the whole fingerprint', () => {
    expect(fingerprintProblem('286DA360')).toContain('whole fingerprint')
    expect(fingerprintProblem('not a key')).toContain('hexadecimal')
    expect(fingerprintProblem(PLAY_FINGERPRINT)).toBeUndefined()
  })
})
