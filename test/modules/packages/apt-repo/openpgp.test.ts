import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../../contract/errors.ts'
import { fingerprintProblem, trustedKey } from '../../../../modules/packages/apt-repo/key.ts'
import { readPublicKeys } from '../../../../modules/packages/apt-repo/openpgp.ts'
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
    expect(readPublicKeys(file, 'key')).toEqual({ fingerprints, armored })
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
