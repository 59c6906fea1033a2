import type { X509Certificate } from 'node:crypto'
import { ipVersion } from '../../../contract/ip.ts'

/** Whether a certificate is for a name, as libpq compares with verify-full (34.19.1). */
export const isFor = (certificate: X509Certificate, name: string): boolean =>
  ipVersion(name) ? certificate.checkIP(name) !== undefined : certificate.checkHost(name) !== undefined

/** For these names, and for no other. */
export const isForExactly = (certificate: X509Certificate, names: readonly string[]): boolean =>
  namesOf(certificate).length === names.length && names.every((name) => isFor(certificate, name))

/** The subject's alternative names, for messages. */
export const namesOf = (certificate: X509Certificate): string[] =>
  (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((entry) => entry !== '')
    .map((entry) => entry.replace(/^[^:]*:/, ''))

export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
export const endOf = (certificate: X509Certificate): number => Date.parse(certificate.validTo)
