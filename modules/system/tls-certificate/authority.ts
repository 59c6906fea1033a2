import { X509Certificate } from 'node:crypto'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { day, endOf } from './names.ts'

/** The authority on this machine, as far as it may be read: never its key. */
export interface Authority {
  folder: string
  /** null: the run makes it. */
  certificate: X509Certificate | null
  /** All of ca.crt: the certificate that signs, and others that are still to be trusted. */
  text: string | null
  canSign: boolean
}

/** @throws {Refusal} where what is in the folder cannot be used, or others may read the key */
export async function readAuthority(host: HostReader, folder: string, now: number): Promise<Authority> {
  const entries = await filesIn(host, folder)
  const key = entries.find(({ relative }) => relative === 'ca.key')
  if (key && /[1-7]/.test(key.mode.slice(-2)))
    throw new Refusal(
      `${key.path} has mode ${key.mode}: whoever reads it can pass for any of the hosts`,
      `chmod 600 ${key.path}`,
    )
  if (!entries.some(({ relative }) => relative === 'ca.crt'))
    return { folder, certificate: null, text: null, canSign: true }
  const text = (await host.controller.file(`${folder}/ca.crt`)).content.toString()
  const certificate = readCertificate(text, `${folder}/ca.crt`)
  if (!certificate.ca)
    throw new Refusal(
      `${folder}/ca.crt is no certificate of an authority`,
      'It needs the basic constraint CA:TRUE.',
    )
  if (endOf(certificate) < now)
    throw new Refusal(
      `the certificate authority in ${folder} ended on ${day(endOf(certificate))}`,
      'Move that folder away: the next run makes a new one, and new certificates on all hosts.',
    )
  return { folder, certificate, text, canSign: key !== undefined }
}

async function filesIn(host: HostReader, folder: string) {
  try {
    const found = await host.controller.tree(folder)
    if (found) return found
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
  throw new Refusal(`${folder} is no folder on this machine`)
}

/** The first certificate of a text. @throws {Refusal} */
export function readCertificate(text: string, path: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch {
    throw new Refusal(`${path} holds no certificate in PEM`)
  }
}
