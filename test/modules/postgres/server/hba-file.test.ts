import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Refusal } from '../../../../contract/errors.ts'
import { mergePresent } from '../../../../modules/postgres/pg-hba/merge.ts'
import { wantedRules } from '../../../../modules/postgres/pg-hba/params.ts'
import { parseHba } from '../../../../postgres/hba/parse.ts'
import { type Rule, ruleKey } from '../../../../postgres/hba/rule.ts'
import { writeRule } from '../../../../postgres/hba/write.ts'
import { Random } from '../../../walk/random.ts'
import { Scratch, VERSION } from './scratch.ts'

const PARTS = [
  'a',
  'B',
  ' ',
  '"',
  '""',
  "'",
  ',',
  '#',
  '\\',
  '=',
  '@',
  '+',
  '/',
  '\t',
  'é',
  'all',
  '\u00a0',
  '{',
  '}',
]
const BREAKS = ['\n', '\r\n', 'x\ny']

describe.skipIf(!VERSION)('pg_hba.conf as the server reads it', () => {
  let scratch: Scratch
  let path: string
  beforeAll(() => {
    scratch = new Scratch('hba_file')
    path = join(scratch.cluster.dataDir, 'pg_hba.conf')
  }, 60_000)
  afterAll(() => scratch?.remove())

  const serverReads = (lines: readonly string[]): Record<string, any>[] =>
    serverReadsText(lines.map((line) => `${line}\n`).join(''))
  const serverReadsText = (text: string): Record<string, any>[] => {
    const own = readFileSync(path, 'utf8')
    try {
      writeFileSync(path, text)
      return JSON.parse(
        scratch.psql(
          'select coalesce(json_agg(r order by line_number), $$[]$$::json) from pg_hba_file_rules r',
        ),
      )
    } finally {
      writeFileSync(path, own)
    }
  }

  it('reads back names and options of any characters, or they were refused before', {
    timeout: 60_000,
  }, () => {
    const random = new Random(20_261_129)
    const text = () =>
      Array.from({ length: random.whole(1, 5) }, () => random.one(random.chance(0.02) ? BREAKS : PARTS)).join(
        '',
      )
    const names = () =>
      Array.from({ length: random.whole(1, 3) }, () => ({ text: text(), quoted: random.chance(0.5) }))
    const written: { rule: Rule; line: string }[] = []
    let refused = 0
    for (let n = 0; n < 600; n += 1) {
      const rule: Rule = {
        type: 'host',
        databases: names(),
        users: names(),
        address: { kind: 'network', family: 4, bits: 0x0a000000n, mask: 0xff000000n },
        addressText: '10.0.0.0/8',
        method: 'ldap',
        options: [
          ['ldapserver', 'ldap.example.net'],
          ['ldapprefix', text()],
          ['ldapsuffix', text()],
        ],
      }
      try {
        written.push({ rule, line: writeRule(rule) })
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
        refused += 1
      }
    }
    expect(refused).toBeLessThan(200)
    const found = serverReads(written.map(({ line }) => line))
    expect(found).toHaveLength(written.length)
    for (const [index, { rule, line }] of written.entries()) {
      const options = rule.options.map(([name, value]) => `${name}=${value}`)
      // A file of names (@) is none of these: the server would look for it.
      if ([...rule.databases, ...rule.users].some((one) => !one.quoted && one.text.startsWith('@'))) continue
      expect(found[index], line).toMatchObject({
        database: rule.databases.map((one) => one.text),
        user_name: rule.users.map((one) => one.text),
        address: '10.0.0.0',
        netmask: '255.0.0.0',
        auth_method: 'ldap',
        options: expect.arrayContaining(options),
        error: null,
      })
    }
  })

  it('and lines of any characters mean the same to both', { timeout: 60_000 }, () => {
    const random = new Random(7)
    const parts = [...PARTS, ' ', ' ', ',', '"']
    const lines = Array.from({ length: 400 }, () => {
      const word = () => Array.from({ length: random.whole(1, 6) }, () => random.one(parts)).join('')
      return `local ${word()} ${word()} peer`
    }).filter((line) => !/\\$/.test(line))
    const found = new Map(serverReads(lines).map((row) => [row.line_number, row]))
    let same = 0
    for (const [index, line] of lines.entries()) {
      const [ours] = parseHba(`${line}\n`, 15)
      const theirs = found.get(index + 1)
      // What the server finds wrong, we need not name in the same words; where it reads a rule, it is this one.
      if (!theirs || theirs.error || !ours?.rule || line.includes('@')) continue
      expect(
        [
          ours.rule.databases.map(({ text }) => text),
          ours.rule.users.map(({ text }) => text),
          ours.rule.method,
        ],
        line,
      ).toEqual([theirs.database, theirs.user_name, theirs.auth_method])
      same += 1
    }
    expect(same).toBeGreaterThan(20)
  })

  it('files mean the same to both, whatever ends their lines, and a rule that is added is one to the server', {
    timeout: 120_000,
  }, () => {
    const random = new Random(20_261_130)
    const LINES = [
      'local a b peer',
      '# kept in C:\\pg',
      '# a comment',
      '',
      'local "x y" b peer',
      'host a b 10.0.0.0/8 reject',
    ]
    const ENDS = ['\n', '\n', '\r\n', '\\\n', '\\\r\n', ' \\\n', '\\']
    const wanted = wantedRules([{ type: 'local', database: 'wanted', user: 'all', method: 'peer' }], 15, true)
    const own = (rules: Record<string, any>[]) =>
      rules.map(({ line_number, database, user_name, auth_method, error }) =>
        error === null ? [line_number, database, user_name, auth_method] : [line_number, 'error'],
      )
    for (let n = 0; n < 60; n += 1) {
      const text = Array.from(
        { length: random.whole(1, 6) },
        () => random.one(LINES) + random.one(ENDS),
      ).join('')
      const lines = parseHba(text, Number(VERSION))
      const ours = lines.flatMap(({ line, rule, error }) => {
        if (error) return [[line, 'error']]
        const texts = (words: { text: string }[]) => words.map((word) => word.text)
        return rule ? [[line, texts(rule.databases), texts(rule.users), rule.method]] : []
      })
      expect(ours, JSON.stringify(text)).toEqual(own(serverReadsText(text)))
      const after = mergePresent(lines, wanted).text
      const found = serverReadsText(after)
      expect(
        found.map(({ database }) => String(database)),
        JSON.stringify([text, after]),
      ).toContain('wanted')
      expect(
        own(found)
          .map(([, ...rule]) => rule)
          .filter(([database]) => String(database) !== 'wanted'),
      ).toEqual(ours.map(([, ...rule]) => rule))
      // And nothing is to be added again.
      expect(mergePresent(parseHba(after, Number(VERSION)), wanted).notes).toEqual([])
    }
  })

  it('takes no second line, rule or mask from an address, and no name with a stray quote', () => {
    const base = { type: 'host', database: 'all', user: 'all', method: 'trust' } as const
    const wants = (more: object) => () => wantedRules([{ ...base, address: '10.0.0.0/8', ...more }], 15, true)
    for (const address of [
      '10.97.0.0 255.255.0.0 trust\nhost all all 0.0.0.0/0 trust',
      '10.97.0.0 255.255.0.0 trust',
      '10.0.0.0/8\n',
      'all\nhost',
      'example.com 255.0.0.0',
      '10.0.0.0/8 # x',
    ])
      if (address.trim() !== '10.0.0.0/8') expect(wants({ address }), address).toThrow(Refusal)
    for (const user of ['we"ird', 'a,b"c', ['we"ird'], ['x\ny']])
      expect(wants({ user }), String(user)).toThrow(Refusal)
    const [rule] = wants({ user: '"we""ird"' })()
    expect(rule!.users).toEqual([{ text: 'we"ird', quoted: true }])
    expect(ruleKey(parseHba(`${writeRule(rule!)}\n`, 15)[0]!.rule!)).toBe(ruleKey(rule!))
  })
})
