import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unknown } from '../../../../contract/unknown.ts'
import { LOOKUPS } from '../../../../runner/load/functions/lookups/index.ts'
import type { LookupContext } from '../../../../runner/load/functions/lookups/lookup.ts'
import { settled } from '../../../../runner/load/outside.ts'

let folder: string
const secrets: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookups-'))
  mkdirSync(join(folder, 'files'))
  writeFileSync(join(folder, 'files', 'key.pub'), 'ssh-ed25519 AAAA\n')
  writeFileSync(join(folder, 'files', 'b.conf'), '')
  writeFileSync(join(folder, 'files', 'a.conf'), '')
  writeFileSync(join(folder, 'a.ini'), '[db]\nport = 5432\n')
  writeFileSync(join(folder, 'hosts.csv'), 'db1,"10.0.0.1, 10.0.0.2"\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

function ask(name: string, terms: unknown[], named: Record<string, unknown> = {}, mayRun = true): unknown[] {
  const context: LookupContext = {
    mayRun,
    variables: { port_a: 1, port_b: 2, other: 3 },
    searchPath: (kind) => [join(folder, kind), folder],
    read: (path) => {
      try {
        return readFileSync(path, 'utf8')
      } catch {
        return undefined
      }
    },
    template: (text, _, more) => text + JSON.stringify(more),
    setting: (name) => (name === 'forks' ? 5 : undefined),
    unknown,
    secret: (text) => secrets.push(text),
    warn: () => undefined,
  }
  return LOOKUPS.get(name)!.run(terms, named, context)
}

it.each<[string, unknown[], Record<string, unknown>, unknown[]]>([
  ['items', [[1, [2]], 3], {}, [1, [2], 3]],
  ['flattened', [[1, [2, [3]]], 4], {}, [1, 2, 3, 4]],
  ['dict', [{ a: 1 }], {}, [{ key: 'a', value: 1 }]],
  [
    'indexed_items',
    [['a', 'b']],
    {},
    [
      [0, 'a'],
      [1, 'b'],
    ],
  ],
  [
    'together',
    [[1, 2], ['a']],
    {},
    [
      [1, 'a'],
      [2, null],
    ],
  ],
  [
    'nested',
    [
      [1, 2],
      ['a', 'b'],
    ],
    {},
    [
      [1, 'a'],
      [1, 'b'],
      [2, 'a'],
      [2, 'b'],
    ],
  ],
  ['sequence', ['start=1 end=5 stride=2 format=db%02d'], {}, ['db01', 'db03', 'db05']],
  ['sequence', ['0-2'], {}, ['0', '1', '2']],
  ['sequence', ['count=2'], {}, ['1', '2']],
  [
    'subelements',
    [[{ n: 'x', k: [1, 2] }, { n: 'y' }], 'k', { skip_missing: true }],
    {},
    [
      [{ n: 'x', k: [1, 2] }, 1],
      [{ n: 'x', k: [1, 2] }, 2],
    ],
  ],
  ['vars', ['port_a'], {}, [1]],
  ['vars', ['none'], { default: 9 }, [9]],
  ['varnames', ['^port_'], {}, ['port_a', 'port_b']],
  ['config', ['forks'], {}, [5]],
  ['file', ['key.pub'], {}, ['ssh-ed25519 AAAA']],
  ['ini', ['port section=db file=a.ini'], {}, ['5432']],
  ['csvfile', ['db1 file=hosts.csv delimiter=,'], {}, ['10.0.0.1, 10.0.0.2']],
  ['pipe', ["printf 'a b'"], {}, ['a b']],
  ['lines', ["printf 'a\\nb\\n'"], {}, ['a', 'b']],
  ['env', ['NO_SUCH_VARIABLE'], { default: 'x' }, ['x']],
])('%s answers', async (name, terms, named, answer) => {
  expect(await settled(() => ask(name, terms, named))).toEqual(answer)
})

it('starts no program where nobody waits for it', () => {
  expect(() => ask('pipe', [`touch ${folder}/made`])).toThrow('nothing here waits for what takes its time')
  expect(ask('fileglob', [`${folder}/made`])).toEqual([])
})

it('finds files beside the playbook and in its folder of files', () => {
  expect(ask('fileglob', ['*.conf'])).toEqual([
    join(folder, 'files', 'a.conf'),
    join(folder, 'files', 'b.conf'),
  ])
  expect(ask('first_found', [['none.yml', 'b.conf']])).toEqual([join(folder, 'files', 'b.conf')])
  expect(() => ask('first_found', [['none.yml']])).toThrow('none.yml')
  expect(ask('first_found', [{ files: ['none.yml'], skip: true }])).toEqual([])
  expect(() => ask('file', ['none'])).toThrow("there is no file 'none'")
})

it('makes a password once, keeps it from others, and marks it as a secret', () => {
  const [made] = ask('password', ['secrets/app length=24 chars=digits'])
  expect(made).toMatch(/^\d{24}$/)
  expect(ask('password', ['secrets/app'])).toEqual([made])
  expect(statSync(join(folder, 'secrets', 'app')).mode & 0o777).toBe(0o600)
  expect(secrets).toContain(made)
})

describe('a password is refused', () => {
  const path = () => join(folder, 'secrets', 'app')
  beforeEach(() => {
    mkdirSync(join(folder, 'secrets'))
    writeFileSync(path(), 'theirs\n', { mode: 0o600 })
  })

  it.each<[string, () => void, string]>([
    ['of a file of somebody else', () => chownSync(path(), 12345, 12345), 'is of the user with the id 12345'],
    ['of a folder of somebody else', () => chownSync(join(folder, 'secrets'), 12345, 0), 'id 12345'],
    ['of a file to which everybody may write', () => chmodSync(path(), 0o666), 'everybody may write to'],
    [
      'in a folder to which everybody may write',
      () => chmodSync(join(folder, 'secrets'), 0o777),
      'everybody',
    ],
    ['that is empty', () => writeFileSync(path(), '\n'), 'is empty'],
  ])('%s', (_, make, message) => {
    make()
    expect(() => ask('password', ['secrets/app'])).toThrow(message)
  })

  it('that is a folder', () => {
    expect(() => ask('password', ['secrets'])).toThrow('is no file')
  })

  it('but not in a folder such as /tmp', () => {
    chmodSync(join(folder, 'secrets'), 0o1777)
    expect(ask('password', ['secrets/app'])).toEqual(['theirs'])
  })
})

it('runs, fetches and writes nothing in a check', () => {
  for (const [name, term] of [
    ['pipe', `touch ${folder}/made`],
    ['lines', `touch ${folder}/made`],
    ['url', 'http://127.0.0.1:9/'],
    ['password', 'made'],
  ] as const)
    expect(ask(name, [term], {}, false)).toEqual([expect.objectContaining({ why: expect.any(String) })])
  expect(ask('fileglob', [`${folder}/made`])).toEqual([])
})
