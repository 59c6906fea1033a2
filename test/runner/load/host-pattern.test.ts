import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limitHosts, matchHosts, resolvePattern } from '../../../runner/load/host-pattern.ts'
import { loadInventory } from '../../../runner/load/inventory.ts'
import { errorsOf, load, scratch } from './inventory/scratch.ts'

const inventory = load({
  'hosts.ini': `
[web]
web[1:4]
[db]
db1.x
db2.x
web4
[top:children]
db
[empty]
[v6]
fe80::1
`,
})
const ALL = ['web1', 'web2', 'web3', 'web4', 'fe80::1', 'db1.x', 'db2.x']

describe('patterns', () => {
  test.each<[string, string[]]>([
    ['all', ALL],
    ['*', ALL],
    ['web', ['web1', 'web2', 'web3', 'web4']],
    ['top', ['db1.x', 'db2.x', 'web4']],
    ['db1.x:web1', ['db1.x', 'web1']],
    ['db1.x, web1', ['db1.x', 'web1']],
    ['web:&db', ['web4']],
    ['&db:web', ['web4']],
    ['web:!db:!web1', ['web2', 'web3']],
    ['!db,web', ['web1', 'web2', 'web3']],
    ['!web:!v6', ['db1.x', 'db2.x']],
    ['&web', ['web1', 'web2', 'web3', 'web4']],
    ['db*', ['db1.x', 'db2.x', 'web4']],
    ['db?.x', ['db1.x', 'db2.x']],
    ['*.x', ['db1.x', 'db2.x']],
    ['web[!1-3]*', ['web4']],
    ['web[0]', ['web1']],
    ['web[-1]', ['web4']],
    ['web[0:2]', ['web1', 'web2', 'web3']],
    ['web[1-2]', ['web2', 'web3']],
    ['web[2:]', ['web3', 'web4']],
    ['web[1:9]', ['web2', 'web3', 'web4']],
    ['web[0:1]:!web[1]', ['web1']],
    ['~web[12]$', ['web1', 'web2']],
    ['~(web|db)1(?:.x)?$:!web1', ['db1.x']],
    ['~eb', []],
    ['fe80::1', ['fe80::1']],
    ['web1,fe80::1', ['web1', 'fe80::1']],
    ['empty', []],
    ['', []],
    ['a*', []],
  ])('%s', (pattern, hosts) => expect(resolvePattern(inventory, pattern).hosts).toEqual(hosts))

  test('localhost exists without being listed, and all does not mean it', () => {
    expect(matchHosts(inventory, 'localhost')).toEqual(['localhost'])
    expect(matchHosts(inventory, 'localhost:web1')).toEqual(['localhost', 'web1'])
    expect(matchHosts(inventory, 'all')).not.toContain('localhost')
  })

  test('what is not known is told, and does not hide the rest', () => {
    expect(resolvePattern(inventory, 'web1:nobody:!x*:web[9]')).toEqual({
      hosts: ['web1'],
      unknown: ['nobody', 'web[9]', 'x*'],
    })
  })

  test('a caller that needs all to exist gets an error each, with the nearest', () => {
    const pos = { file: 'site.yaml', line: 2, col: 3 }
    const errors = errorsOf(() => matchHosts(inventory, 'wbe:db3.x', pos))
    expect(errors.map(({ code, hint, pos }) => ({ code, hint, pos }))).toEqual([
      { code: 'pattern', hint: 'did you mean web?', pos },
      { code: 'pattern', hint: expect.stringMatching(/did you mean db[12].x/), pos },
    ])
  })

  test.each(['~(web', 'w[z-a]b'])('%s, which does not parse, is an error', (pattern) => {
    expect(errorsOf(() => resolvePattern(inventory, pattern)).map((error) => error.code)).toEqual(['pattern'])
  })
})

describe('--limit', () => {
  test('takes patterns and files of them', () => {
    const folder = scratch({ retry: '# failed\nweb1\n\ndb1.x:web2\n' })
    expect(limitHosts(inventory, `@${join(folder, 'retry')}`)).toEqual(['web1', 'db1.x', 'web2'])
    expect(limitHosts(inventory, `web3,@${join(folder, 'retry')},!web1`)).toEqual(['web3', 'db1.x', 'web2'])
  })

  test.each([['nobody'], ['web:!web'], ['empty'], ['']])('%j is refused', (limit) => {
    expect(errorsOf(() => limitHosts(inventory, limit)).map((error) => error.code)).toEqual(['pattern'])
  })

  test('a file that is not there is told', () => {
    expect(errorsOf(() => limitHosts(inventory, '@/nowhere/retry')).map((error) => error.code)).toEqual([
      'file',
    ])
  })
})

describe('algebra', () => {
  const term = fc.constantFrom('web', 'db', 'top', 'web1', 'db*', '~.*[13]', 'web[1:2]', 'empty', 'all', 'v6')
  const hosts = (pattern: string) => resolvePattern(inventory, pattern).hosts
  const join_ = (terms: string[]) => terms.join(':')

  test('joining is union, & is intersection, ! is difference', () => {
    fc.assert(
      fc.property(term, term, (a, b) => {
        const [ofA, inB] = [hosts(a), new Set(hosts(b))]
        expect(hosts(`${a}:${b}`)).toEqual([...new Set([...ofA, ...inB])])
        expect(hosts(`${a}:&${b}`)).toEqual(ofA.filter((host) => inB.has(host)))
        expect(hosts(`${a}:!${b}`)).toEqual(ofA.filter((host) => !inB.has(host)))
      }),
    )
  })

  test('which hosts they are hangs neither on the order of the terms nor on what separates them', () => {
    const signed = fc.tuple(fc.constantFrom('', '', '&', '!'), term).map((pair) => pair.join(''))
    const some = fc.array(signed, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(some, (terms) => {
        expect(hosts(join_([...terms].reverse())).sort()).toEqual([...hosts(join_(terms))].sort())
        expect(hosts(terms.join(', '))).toEqual(hosts(join_(terms)))
      }),
    )
  })

  test('no text throws anything but errors for the user', () => {
    const piece = fc.constantFrom(
      'web',
      ':',
      ',',
      '!',
      '&',
      '~',
      '(',
      ')',
      '[',
      ']',
      '*',
      '?',
      '0',
      '-',
      '\\',
      '^',
      'z',
      ' ',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(text, (pattern) => void errorsOf(() => matchHosts(inventory, pattern))),
      { numRuns: 500 },
    )
  })
})

test('a limit of thousands of names is quick', () => {
  const big = loadInventory(['h[1:10000],'])
  const names = [...big.hosts.keys()].filter((_, index) => index % 2 === 0)
  expect(limitHosts(big, names.join(','))).toEqual(names)
})
