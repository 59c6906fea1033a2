import 'reflect-metadata'
import { generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { issue } from '../../runner/run/certificate-authority.ts'

export interface Pair {
  privateKey: KeyObject
  /** PEM. */
  publicPem: string
  privatePem: string
  /** A certificate signing request, PEM, that asks for the name `asked.example`. */
  request: string
}

/** A key as a host would make it, and its request. */
export async function newPair(): Promise<Pair> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=asked.example',
    keys: {
      privateKey: await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    },
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'asked.example' }])],
  })
  return {
    privateKey,
    publicPem: String(publicKey.export({ format: 'pem', type: 'spki' })),
    privatePem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    request: request.toString('pem'),
  }
}

/** A certificate for it, of the authority in a folder. */
export const certify = (folder: string, pair: Pair, names: string[], days = 1000) =>
  issue(folder, pair.request, { names, days })
