import { readFileSync } from 'node:fs'
import { PlayError } from '../errors.ts'
import { fingerprint, keyType } from './known-hosts.ts'
import type { ConnectionSpec } from './types.ts'

/**
 * Why a host's key is not taken by RevokedHostKeys (ssh_config(5)): a text of public keys, one a line. As for ssh, a file that
 * cannot be read revokes them all.
 */
export function revokedIn({ name }: ConnectionSpec, file: string, key: Buffer): PlayError | undefined {
  const refuse = (what: string, hint: string) =>
    new PlayError('host_key', `${name}: ${what}`, {
      hint,
      details: [`it shows ${keyType(key)} ${fingerprint(key)}`],
    })
  let content: Buffer
  try {
    content = readFileSync(file)
  } catch (cause) {
    return refuse(
      `the list of revoked keys ${file} cannot be read: ${(cause as Error).message}`,
      'correct RevokedHostKeys, or take it out: no key is taken without the list',
    )
  }
  if (content.toString('latin1', 0, 6) === 'SSHKRL')
    return refuse(
      `the list of revoked keys ${file} is a KRL, which play does not read`,
      'name a text file with one public key a line',
    )
  const base64 = key.toString('base64')
  const line = content
    .toString('utf8')
    .split('\n')
    .findIndex((text) => !text.trimStart().startsWith('#') && text.split(/\s+/).includes(base64))
  if (line < 0) return undefined
  return refuse(
    `it shows a host key that was revoked, at ${file}:${line + 1}`,
    'do not connect: give the machine a new host key (ssh-keygen -A after removing the old one)',
  )
}
