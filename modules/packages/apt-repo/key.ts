import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { armor, readPublicKeys } from './openpgp.ts'

export interface KeySource {
  url?: string
  file?: string
  text?: string
  fingerprint: string
}

export interface TrustedKey {
  /** Written anew from what was looked at: never the file as it came. */
  content: Buffer
  /** What of it is looked at. */
  bytes: Buffer
  armored: boolean
  /** Upper-case hex, as computed. */
  fingerprint: string
}

/** Fetches the key on the controller and checks it. @throws {Refusal} where it is not the key with that fingerprint, alone */
export async function trustedKey(host: HostReader, source: KeySource): Promise<TrustedKey> {
  const { content, from } = await readSource(host, source)
  const { fingerprints, armored, bytes } = readPublicKeys(content, from)
  const wanted = plainFingerprint(source.fingerprint)
  if (!fingerprints.includes(wanted)) {
    throw new Refusal(
      `the key from ${from} is not the one wanted`,
      'trust it only after comparing its fingerprint with the one its owner publishes; then put that into key.fingerprint',
      [
        `wanted fingerprint: ${spaced(wanted)}`,
        ...fingerprints.map((found) => `found fingerprint:  ${spaced(found)}`),
      ],
    )
  }
  const extra = fingerprints.filter((found, at) => found !== wanted || fingerprints.indexOf(wanted) !== at)
  if (extra.length > 0) {
    throw new Refusal(
      `the file from ${from} holds further keys, which apt would trust as well`,
      `take the wanted one alone: gpg --export ${wanted}`,
      [
        `wanted fingerprint: ${spaced(wanted)}`,
        ...extra.map((found) => `further key:        ${spaced(found)}`),
      ],
    )
  }
  return { content: contentOf(bytes, armored), bytes, armored, fingerprint: wanted }
}

const contentOf = (bytes: Buffer, armored: boolean): Buffer => (armored ? armor(bytes) : bytes)

/** What a host has, where it is that key and no other; undefined for anything else. */
export function trustedContent(content: Buffer, fingerprint: string): TrustedKey | undefined {
  const wanted = plainFingerprint(fingerprint)
  try {
    const { fingerprints, armored, bytes } = readPublicKeys(content, 'the host')
    return fingerprints.length === 1 && fingerprints[0] === wanted
      ? { content: contentOf(bytes, armored), bytes, armored, fingerprint: wanted }
      : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

async function readSource(host: HostReader, source: KeySource): Promise<{ content: Buffer; from: string }> {
  if (source.url !== undefined) return { content: await host.controller.fetch(source.url), from: source.url }
  if (source.file !== undefined)
    return { content: (await host.controller.file(source.file)).content, from: source.file }
  return { content: Buffer.from(source.text ?? ''), from: 'key.text' }
}

/** Without spaces, colons and 0x, in upper case. */
export const plainFingerprint = (text: string): string =>
  text.replace(/^0x/i, '').replace(/[\s:]/g, '').toUpperCase()

/** What is wrong with a wanted fingerprint; undefined where it is a whole one. */
export function fingerprintProblem(text: string): string | undefined {
  const plain = plainFingerprint(text)
  if (!/^[0-9A-F]*$/.test(plain))
    return `'${text}' is no fingerprint: it has other characters than hexadecimal digits`
  if (plain.length === 40 || plain.length === 64) return undefined
  return `'${text}' has ${plain.length} hexadecimal digits: give the whole fingerprint, 40 digits, since short key ids can be forged`
}

const spaced = (fingerprint: string): string => fingerprint.replace(/(.{4})(?=.)/g, '$1 ')
