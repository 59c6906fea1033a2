import { X509Certificate } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { issue } from '../../../runner/run/certificate-authority.ts'
import { certify, newPair } from '../../support/certificates.ts'

const scratch = mkdtempSync(join(tmpdir(), 'play-authority-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
const authorityOf = (folder: string) => new X509Certificate(readFileSync(join(folder, 'ca.crt')))

it('is made when it is first needed, with a key that only its owner may read', async () => {
  const folder = join(scratch, 'new/ca')
  const pair = await newPair()
  const { certificate, rootCertificate } = await certify(
    folder,
    pair,
    ['db1', '192.0.2.7', '2001:db8::7'],
    30,
  )
  expect(mode(folder)).toBe('700')
  expect(mode(join(folder, 'ca.key'))).toBe('600')
  expect(readdirSync(folder).sort()).toEqual(['ca.crt', 'ca.key'])
  expect(rootCertificate).toBe(readFileSync(join(folder, 'ca.crt'), 'utf8'))
  const root = authorityOf(folder)
  expect([root.ca, root.verify(root.publicKey)]).toEqual([true, true])

  const issued = new X509Certificate(certificate)
  expect(issued.ca).toBe(false)
  expect(issued.checkIssued(root) && issued.verify(root.publicKey)).toBe(true)
  expect(issued.checkPrivateKey(pair.privateKey)).toBe(true)
  expect(issued.subjectAltName).toBe('DNS:db1, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7')
  const days = (Date.parse(issued.validTo) - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(29.9)
  expect(days).toBeLessThan(30.1)
})

it('names only what the playbook says, whatever the request asks for', async () => {
  const { certificate } = await certify(join(scratch, 'new/ca'), await newPair(), ['db2'])
  expect(new X509Certificate(certificate).subjectAltName).toBe('DNS:db2')
  expect(new X509Certificate(certificate).subject).toBe('CN=db2')
})

it('is one and the same for hosts that ask at the same time', async () => {
  const folder = join(scratch, 'many')
  const pairs = await Promise.all([1, 2, 3, 4].map(newPair))
  const issued = await Promise.all(pairs.map((pair, index) => certify(folder, pair, [`db${index}`])))
  const root = authorityOf(folder)
  for (const { certificate } of issued)
    expect(new X509Certificate(certificate).verify(root.publicKey)).toBe(true)
})

it('goes on with the key of a run that was interrupted before the certificate was there', async () => {
  const folder = join(scratch, 'interrupted')
  mkdirSync(folder, { mode: 0o700 })
  copyFileSync(join(scratch, 'new/ca/ca.key'), join(folder, 'ca.key'))
  const { certificate } = await certify(folder, await newPair(), ['db1'])
  expect(new X509Certificate(certificate).verify(authorityOf(join(scratch, 'new/ca')).publicKey)).toBe(true)
})

it('refuses a request that is not signed by its own key', async () => {
  const { request } = await newPair()
  const lines = request.trim().split('\n')
  const body = Buffer.from(lines.slice(1, -1).join(''), 'base64')
  body[body.length - 1]! ^= 1
  const forged = [lines[0], body.toString('base64'), lines.at(-1)].join('\n')
  await expect(issue(join(scratch, 'new/ca'), forged, { names: ['db1'], days: 1 })).rejects.toThrow(
    'not signed by the key in it',
  )
  await expect(issue(join(scratch, 'new/ca'), 'nonsense', { names: ['db1'], days: 1 })).rejects.toThrow(
    'no certificate request',
  )
})

it('is not used where others may write to it', async () => {
  const folder = join(scratch, 'open')
  mkdirSync(folder)
  chmodSync(folder, 0o777)
  await expect(certify(folder, await newPair(), ['db1'])).rejects.toMatchObject({
    message: `others than you may write to ${folder}: it has mode 0777`,
  })
  expect(readdirSync(folder)).toEqual([])
})

it('says which file does not fit, and quotes nothing of a key', async () => {
  const folder = join(scratch, 'mixed')
  mkdirSync(folder)
  copyFileSync(join(scratch, 'new/ca/ca.crt'), join(folder, 'ca.crt'))
  const pair = await newPair()
  await expect(certify(folder, pair, ['db1'])).rejects.toThrow(`${folder}/ca.key is missing`)
  copyFileSync(join(scratch, 'many/ca.key'), join(folder, 'ca.key'))
  await expect(certify(folder, pair, ['db1'])).rejects.toThrow('ca.key is not the key of')
})
