import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Unknown } from '../../../contract/unknown.ts'
import { scramSecret } from '../../../postgres/scram/scram.ts'
import { Digester } from '../../../runner/plan/digest.ts'
import { Masker } from '../../../runner/report/mask.ts'

const hides = (text: string) => text
const digester = new Digester(hides)
const is = (value: unknown) => digester.of(value).is

describe('a digest', () => {
  it('is the same for the same data, under one key alone', () => {
    const value = { a: [1, 'b', null, true], c: Buffer.from('d') }
    expect(is(structuredClone({ a: value.a }))).toBe(is({ a: value.a }))
    expect(is({ a: 1, b: undefined })).toBe(is({ a: 1 }))
    expect(new Digester(hides, digester.key).of(value).is).toBe(is(value))
    expect(new Digester(hides).of(value).is).not.toBe(is(value))
  })
  it('is another one for other data', () => {
    const values = [
      ...[null, undefined, true, 'true', 1, '1', '', [], {}, [''], [[]], ['a', 'b'], ['a,b'], '["a","b"]'],
      ...[
        { a: 'b' },
        { a: { b: '' } },
        ['a', 'b', ''],
        new Unknown('a'),
        new Map([['a', 1]]),
        new Map([['a', 2]]),
      ],
      ...[
        Buffer.from('a'),
        Buffer.from('\xe9', 'latin1'),
        Buffer.from('é'),
        /a/,
        /a/i,
        '/a/',
        1n << 60n,
        2 ** 53,
      ],
    ]
    expect(new Set(values.map(is)).size).toBe(values.length)
  })
  it('is of a password, and not of the salt that its stored form has each time', async () => {
    const [one, other] = await Promise.all(
      ['salt of sixteen.', 'other of sixteen'].map((salt) => scramSecret('pw', Buffer.from(salt))),
    )
    expect(one).not.toBe(other)
    const alter = (secret: string) => ({ do: 'sql', text: `ALTER ROLE app PASSWORD '${secret}'` })
    expect(is(alter(one!))).toBe(is(alter(other!)))
    expect(is(alter(one!))).not.toBe(is({ ...alter(one!), text: 'ALTER ROLE app' }))
  })
  it('of a secret is expensive to find in a plan, wherever it stands', async () => {
    const masker = new Masker()
    for (const secret of ['seven-of-nine', 'abc']) masker.add(secret)
    const own = new Digester((text) => masker.mask(text))
    for (const secret of [
      'seven-of-nine',
      { a: ['x seven-of-nine'] },
      Buffer.from('a\nseven-of-nine\n'),
      'abc',
    ]) {
      const digest = own.of(secret)
      const written = await own.written(digest)
      expect(written).toMatch(/^secret:/)
      expect(written).not.toContain(digest.is)
      // Whoever checks may not know by then that it is one.
      const later = new Digester(hides, own.key)
      expect(await later.isWritten(written, later.of(secret))).toBe(true)
      expect(await later.isWritten(written, later.of('another'))).toBe(false)
      expect(await own.isWritten(digest.is, digest)).toBe(true)
    }
    expect(await own.written(own.of('plain'))).not.toMatch(/^secret:/)
  })
})

describe('of steps, files of this machine count', () => {
  let dir: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'play-digest-'))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it.each([
    [
      'a large file',
      (path: string) => ({ do: 'write_file', path: '/x', content: { controllerFile: path } }),
      'large',
    ],
    [
      'one inside of a guard',
      (path: string) => ({ do: 'guard', steps: [{ content: { controllerFile: path } }] }),
      'inner',
    ],
    ['the authority', () => ({ do: 'issue_certificate', authority: dir }), 'ca.crt'],
  ])('%s', async (_what, step, name) => {
    const path = join(dir, name)
    const before = await digester.withFiles([step(path)])
    writeFileSync(path, 'one')
    const one = await digester.withFiles([step(path)])
    writeFileSync(path, 'two')
    const two = await digester.withFiles([step(path)])
    expect(new Set([before.is, one.is, two.is]).size).toBe(3)
    expect((await digester.withFiles([step(path)])).is).toBe(two.is)
  })
})
