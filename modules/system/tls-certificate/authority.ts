import { X509Certificate } from 'node:crypto'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { day, endOf } from './names.ts'
import type { Params } from './params.ts'

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
  await refuseForeign(host, [folder, `${folder}/ca.key`, `${folder}/ca.crt`])
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
      'Move that folder away, and run with new_authority: true (site.yaml: -e new_certificate_authority=true): that makes a new one, and new certificates on all hosts.',
    )
  return { folder, certificate, text, canSign: key !== undefined }
}

/** Whoever writes there says whom all hosts trust. */
async function refuseForeign(host: HostReader, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const who = await host.controller.whoElseWrites(path)
    if (who) throw new Refusal(`others than you may write to ${path}: ${who}`, `chmod go-w ${path}`)
  }
}

/**
 * The authority, where there is one, or one may be made: not beside one that servers trust already, since nobody who
 * trusts that one would take certificates of a second.
 * @throws {Refusal}
 */
export async function authorityFor(
  host: HostReader,
  { authority, root_cert, new_authority }: Params,
  ownRoot: string | null,
  now: number,
): Promise<Authority> {
  const folder = authority!
  const found = await readAuthority(host, folder, now)
  if (found.certificate || new_authority) return found
  const trusting = [...(ownRoot === null ? [] : [host.name]), ...(await host.othersWith(root_cert))]
  if (trusting.length === 0) return found
  // The first host of this very run may have got it made since.
  const again = await readAuthority(host, folder, now)
  if (again.certificate) return again
  throw new Refusal(
    `${folder} holds no certificate authority, and ${trusting.join(', ')} trust${trusting.length === 1 ? 's' : ''} one already (${root_cert}): of a second one they would trust nothing`,
    `Copy ca.crt and ca.key to ${folder} from where play ran first. To make a new authority for all hosts on purpose: new_authority: true (site.yaml: -e new_certificate_authority=true).`,
  )
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
