import 'reflect-metadata'
import {
  createPrivateKey,
  type KeyObject,
  X509Certificate as NodeCertificate,
  randomBytes,
  webcrypto,
} from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { ipVersion } from '../../contract/ip.ts'
import { whoElseWrites } from './controller.ts'
import { StepError } from './step-error.ts'

/** An authority on this machine: what it signs with, and what whoever trusts it holds. */
interface Authority {
  certificate: x509.X509Certificate
  /** ca.crt as it is: the certificate that signs first; others that are to be trusted may follow. */
  text: string
  key: webcrypto.CryptoKey
}

export interface Issued {
  /** PEM. */
  certificate: string
  rootCertificate: string
}

/** Years that a new authority is good for. */
const AUTHORITY_YEARS = 20
const DAY = 24 * 60 * 60 * 1000
/** Hosts' clocks may be behind this machine's. ms */
const CLOCK_SKEW = 60 * 60 * 1000

/** One for each folder: hosts that ask at the same time get certificates of the same new authority. */
const opened = new Map<string, Promise<Authority>>()

/**
 * Signs a request: for its key, under these names and no others (RFC 5280, 4.2.1.6).
 * @throws {StepError} where the request is not signed by its own key, or the folder holds no usable authority
 */
export async function issue(
  folder: string,
  request: string,
  { names, days }: { names: readonly string[]; days: number },
): Promise<Issued> {
  const asked = readRequest(request)
  if (!(await asked.verify())) throw new StepError('the certificate request is not signed by the key in it')
  const authority = await openAuthority(folder)
  const { certificate: root, key, text } = authority
  const notBefore = new Date(Date.now() - CLOCK_SKEW)
  const notAfter = new Date(Math.min(Date.now() + days * DAY, root.notAfter.getTime()))
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subjectOf(names),
    issuer: root.subjectName,
    notBefore,
    notAfter,
    publicKey: asked.publicKey,
    signingKey: key,
    signingAlgorithm: signingAlgorithm(key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: ipVersion(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(asked.publicKey, false),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey, false),
    ],
  })
  return { certificate: pem(certificate), rootCertificate: text }
}

function openAuthority(folder: string): Promise<Authority> {
  let found = opened.get(folder)
  if (!found) {
    found = readOrMake(folder)
    opened.set(folder, found)
    found.catch(() => opened.delete(folder))
  }
  return found
}

/** A run that was interrupted after the key was written goes on with that key. */
async function readOrMake(folder: string): Promise<Authority> {
  const paths = { key: join(folder, 'ca.key'), certificate: join(folder, 'ca.crt') }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const path of [folder, paths.key, paths.certificate]) await refuseForeign(path)
    const text = await readIfThere(paths.certificate)
    if (text === undefined) {
      await makeKey(paths.key)
      const pair = await keyPair(await readKey(paths.key), undefined)
      const made = pem(await selfSign(pair))
      await writeFile(`${paths.certificate}.new`, made, { mode: 0o644 })
      await rename(`${paths.certificate}.new`, paths.certificate)
      return { certificate: new x509.X509Certificate(made), text: made, key: pair.privateKey }
    }
    const key = await readKey(paths.key)
    if (!new NodeCertificate(text).checkPrivateKey(key))
      throw new StepError(`${paths.key} is not the key of ${paths.certificate}`, {
        hint: `Put the right one there, or move ${folder} away and run with new_authority: true.`,
      })
    const certificate = new x509.X509Certificate(firstOf(text))
    return { certificate, text, key: (await keyPair(key, certificate)).privateKey }
  } catch (cause) {
    if (cause instanceof StepError) throw cause
    throw new StepError(
      `the certificate authority in ${folder} cannot be used: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

/** Whoever writes there says whom all hosts trust. */
async function refuseForeign(path: string): Promise<void> {
  const who = await whoElseWrites(path)
  if (who) throw new StepError(`others than you may write to ${path}: ${who}`, { hint: `chmod go-w ${path}` })
}

async function makeKey(path: string): Promise<void> {
  const pair = await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', pair.privateKey))
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  try {
    await writeFile(path, key.export({ format: 'pem', type: 'pkcs8' }), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    // Another run was first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const

async function readKey(path: string): Promise<KeyObject> {
  const text = await readIfThere(path)
  if (text === undefined) throw new StepError(`${path} is missing, so that nothing can be signed`)
  try {
    return createPrivateKey(text)
  } catch {
    // The reason may quote what is in the file.
    throw new StepError(`${path} is no private key in PEM, or it has a passphrase`)
  }
}

/** With the algorithm that the certificate names; ours where there is none yet. */
async function keyPair(
  key: KeyObject,
  certificate: x509.X509Certificate | undefined,
): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = { hash: 'SHA-256', ...(certificate?.publicKey.algorithm ?? CURVE) }
  const der = key.export({ format: 'der', type: 'pkcs8' })
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign'])
  const { kty, crv, x, y, n, e } = await webcrypto.subtle.exportKey('jwk', privateKey)
  const jwk = { kty, crv, x, y, n, e }
  const publicKey = await webcrypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify'])
  return { privateKey, publicKey }
}

/** Two authorities never share a name, so that a file may hold both while one takes the place of the other. */
async function selfSign(keys: webcrypto.CryptoKeyPair): Promise<x509.X509Certificate> {
  const now = Date.now()
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [`play certificate authority ${randomBytes(4).toString('hex')}`] }],
    notBefore: new Date(now - CLOCK_SKEW),
    notAfter: new Date(now + AUTHORITY_YEARS * 365 * DAY),
    keys,
    signingAlgorithm: signingAlgorithm(keys.privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  })
}

function readRequest(text: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(text)
  } catch (cause) {
    throw new StepError('what the host printed is no certificate request', { cause })
  }
}

const signingAlgorithm = (key: webcrypto.CryptoKey) => ({ ...key.algorithm, hash: 'SHA-256' })

/** A common name is at most 64 characters long (RFC 5280, appendix A.1); who connects looks at the names beside it. */
const subjectOf = (names: readonly string[]): x509.JsonName => {
  const name = names.find((one) => one.length <= 64)
  return name === undefined ? [] : [{ CN: [name] }]
}

/** Positive, and of 127 random bits (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem').trim()}\n`

const firstOf = (text: string): string =>
  /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(text)?.[0] ?? text

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
