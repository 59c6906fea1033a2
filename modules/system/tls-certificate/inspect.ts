import { createPublicKey, X509Certificate } from 'node:crypto'
import { posix } from 'node:path'
import { Refusal } from '../../../contract/errors.ts'
import { defineFact } from '../../../contract/facts.ts'
import type { FileStat, HostReader } from '../../../contract/host.ts'
import { type PlannedCertificate, plannedCertificateKey } from '../../../contract/shared-facts.ts'
import { type Authority, authorityFor } from './authority.ts'
import { type Given, publicPem, readGiven } from './given.ts'
import type { Params } from './params.ts'

/** What the host has. */
export interface Present {
  /** Of the private key, in PEM; null where openssl cannot read one. */
  publicKey: string | null
  cert: string | null
  /** null where there is none that can be read. */
  certificate: X509Certificate | null
  rootCert: string | null
}

const presentKey = defineFact<Present, [cert: string, key: string, rootCert: string]>('certificate')

export interface State {
  /** ms, by the host's clock: those who verify the certificate go by clocks of their own, but near to it. */
  now: number
  wanted: Authority | Given
  /** The wish in one word: equal wishes give the same files. */
  wish: string
  present: Present | PlannedCertificate
  stats: Record<'key' | 'cert' | 'root_cert', FileStat | null>
  /** Folders of the files that are missing. */
  missing: string[]
}

export async function inspect(host: HostReader, params: Params): Promise<State> {
  const { cert, key, root_cert, names } = params
  const folders = [...new Set([cert, key, root_cert].map((path) => posix.dirname(path)))]
  const [clock, present, found, folderStats] = await Promise.all([
    host.now(),
    host.predicted(plannedCertificateKey(cert)) ??
      host.fact(presentKey(cert, key, root_cert), () => readPresent(host, params)),
    Promise.all([key, cert, root_cert].map((path) => host.stat(path))),
    Promise.all(folders.map((folder) => host.stat(folder))),
  ])
  const now = clock * 1000
  const wanted = params.given
    ? await readGiven(host, params, now)
    : await authorityFor(host, params, 'planned' in present ? null : present.rootCert, now)
  const source = 'folder' in wanted ? wanted.folder : wanted.sha256
  return {
    now,
    wanted,
    wish: JSON.stringify([source, [...names].sort(), key, root_cert]),
    present,
    stats: { key: found[0]!, cert: found[1]!, root_cert: found[2]! },
    missing: folders.filter((_, index) => !folderStats[index]),
  }
}

/** The private key is never read: openssl on the host says which public key belongs to it. */
async function readPresent(host: HostReader, { cert, key, root_cert }: Params): Promise<Present> {
  const [publicKey, certText, rootText] = await Promise.all([
    host.read(['openssl', 'pkey', '-in', key, '-pubout']),
    host.readFile(cert),
    host.readFile(root_cert),
  ])
  if (publicKey.code === 127 && !host.planned())
    throw new Refusal(
      `openssl is not installed on ${host.name}`,
      'Install it first: `apt_install: { name: openssl }`.',
    )
  return {
    publicKey: publicKey.code === 0 ? publicPem(createPublicKey(publicKey.stdout)) : null,
    cert: certText?.toString() ?? null,
    certificate: certText && parse(certText),
    rootCert: rootText?.toString() ?? null,
  }
}

function parse(text: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(text)
  } catch {
    return null
  }
}
