import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fingerprint, judge, knownName, linesOf, parseKnownHosts } from '../../../runner/hosts/known-hosts.ts'

function key(type: string, seed: string): Buffer {
  const name = Buffer.from(type)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(name.length)
  return Buffer.concat([length, name, Buffer.from(seed.padEnd(32, '.'))])
}
const ED = key('ssh-ed25519', 'one')
const OTHER = key('ssh-ed25519', 'two')
const RSA = key('ssh-rsa', 'three')

const line = (names: string, blob: Buffer, type = 'ssh-ed25519') =>
  `${names} ${type} ${blob.toString('base64')} comment\n`
const verdict = (text: string, host: string, port: number, shown: Buffer) =>
  judge(linesOf(parseKnownHosts(text, 'known_hosts'), knownName(host, port)), shown)

describe('names', () => {
  test.each([
    ['a plain name', 'web1', 'web1', 22, 'match'],
    ['case is ignored', 'Web1', 'wEB1', 22, 'match'],
    ['one of several', 'web1,10.0.0.1', '10.0.0.1', 22, 'match'],
    ['another port is another host', 'web1', 'web1', 2222, 'unknown'],
    ['a port in brackets', '[web1]:2222', 'web1', 2222, 'match'],
    ['stars', '*.example.org', 'a.example.org', 22, 'match'],
    ['a star matches no other domain', '*.example.org', 'a.example.com', 22, 'unknown'],
    ['question marks', 'web?', 'web7', 22, 'match'],
    ['a dot is a dot', 'a.c', 'abc', 22, 'unknown'],
    ['negation wins over a match', '*.example.org,!bad.example.org', 'bad.example.org', 22, 'unknown'],
  ])('%s', (_, names, host, port, expected) => {
    expect(verdict(line(names, ED), host, port, ED).is).toBe(expected)
  })

  test('hashed names', () => {
    const salt = Buffer.from('12345678901234567890')
    const hash = createHmac('sha1', salt).update('[web1]:2222').digest('base64')
    const text = line(`|1|${salt.toString('base64')}|${hash}`, ED)
    expect(verdict(text, 'web1', 2222, ED).is).toBe('match')
    expect(verdict(text, 'web2', 2222, ED).is).toBe('unknown')
  })
})

describe('verdicts', () => {
  test('another key of the same type is a change, and says where the old one stands', () => {
    const found = verdict(`# comment\n\n${line('web1', ED)}`, 'web1', 22, OTHER)
    expect(found).toMatchObject({ is: 'changed', known: { file: 'known_hosts', line: 3 } })
  })

  test('any of several known keys matches', () => {
    expect(verdict(line('web1', ED) + line('web1', OTHER), 'web1', 22, OTHER).is).toBe('match')
  })

  test('a host known only by a key of another type counts as changed', () => {
    expect(verdict(line('web1', RSA, 'ssh-rsa'), 'web1', 22, ED).is).toBe('changed')
  })

  test('a revoked key is refused even where it also stands as known', () => {
    expect(verdict(line('web1', ED) + line('@revoked *', ED), 'web1', 22, ED).is).toBe('revoked')
  })

  test('a revoked key of another value does not make a host known', () => {
    expect(verdict(line('@revoked *', OTHER), 'web1', 22, ED).is).toBe('unknown')
  })

  test('certificate authorities and damaged lines are passed over', () => {
    expect(verdict(`${line('@cert-authority *', ED)}web1 ssh-ed25519\ngarbage\n`, 'web1', 22, ED).is).toBe(
      'unknown',
    )
  })
})

test('fingerprints look as ssh-keygen prints them', () => {
  expect(fingerprint(ED)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
})

test('a host on port 22 is named without brackets', () => {
  expect([knownName('Web1', 22), knownName('::1', 2222)]).toEqual(['web1', '[::1]:2222'])
})
