import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { readCertificate } from './authority.ts'
import { day, endOf, isFor, namesOf } from './names.ts'
import type { Params } from './params.ts'

/** A certificate that the user brings. */
export interface Given {
  cert: string
  key: Buffer
  rootCert: string
  certificate: X509Certificate
  /** PEM, by which keys are compared without reading the host's. */
  publicKey: string
  sha256: string
}

/** @throws {Refusal} where a client that verifies would refuse it, or the server could not use it */
export async function readGiven(host: HostReader, { given, names }: Params, now: number): Promise<Given> {
  const paths = given!
  const [cert, key, rootCert] = await Promise.all(
    [paths.cert, paths.key, paths.root_cert].map(async (path) => (await host.controller.file(path)).content),
  )
  const certificate = readCertificate(cert!.toString(), paths.cert)
  const privateKey = readKey(key!, paths.key)
  if (!certificate.checkPrivateKey(privateKey))
    throw new Refusal(`${paths.key} is not the key of ${paths.cert}`)
  if (endOf(certificate) < now)
    throw new Refusal(`${paths.cert} ended on ${day(endOf(certificate))}`, 'Get a new one, and put it there.')
  const others = names.filter((name) => !isFor(certificate, name))
  if (others.length > 0)
    throw new Refusal(
      `${paths.cert} is not for ${others.join(', ')}`,
      'Whoever connects with sslmode=verify-full would refuse it: it must name what `names` lists.',
      [`it is for: ${namesOf(certificate).join(', ') || 'no name'}`],
    )
  if (!descendsFrom(certificate, cert!.toString(), rootCert!.toString()))
    throw new Refusal(
      `${paths.cert} does not descend from a certificate in ${paths.root_cert}`,
      `Certificates between the two go into ${paths.cert}, behind the first.`,
    )
  return {
    cert: cert!.toString(),
    key: key!,
    rootCert: rootCert!.toString(),
    certificate,
    publicKey: publicPem(createPublicKey(privateKey)),
    sha256: createHash('sha256').update(cert!).update(rootCert!).digest('hex'),
  }
}

function readKey(text: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch {
    // The reason may quote what is in the file.
    throw new Refusal(
      `${path} is no private key in PEM, or it has a passphrase`,
      'The server cannot be asked for a passphrase: openssl pkey -in OLD -out NEW takes it off.',
    )
  }
}

/** Each certificate is signed by the next, the last by one that is trusted, or is that one itself. */
function descendsFrom(leaf: X509Certificate, chain: string, roots: string): boolean {
  const trusted = certificatesOf(roots)
  const between = certificatesOf(chain).slice(1)
  let current = leaf
  for (;;) {
    const isSignedBy = (issuer: X509Certificate) =>
      current.checkIssued(issuer) && current.verify(issuer.publicKey)
    if (trusted.some((root) => root.fingerprint256 === current.fingerprint256 || isSignedBy(root)))
      return true
    const next = between.findIndex(isSignedBy)
    if (next < 0) return false
    current = between.splice(next, 1)[0]!
  }
}

const certificatesOf = (text: string): X509Certificate[] =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  )

export const publicPem = (key: KeyObject): string =>
  String(key.export({ format: 'pem', type: 'spki' })).trim()
