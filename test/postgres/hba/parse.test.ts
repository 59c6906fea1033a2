import { describe, expect, it } from 'vitest'
import { covers, readAddress } from '../../../postgres/hba/address.ts'
import { parseHba } from '../../../postgres/hba/parse.ts'
import { matchKey, ruleKey, shadows } from '../../../postgres/hba/rule.ts'
import { writeRule } from '../../../postgres/hba/write.ts'

const one = (line: string, version = 15) => parseHba(line, version)[0]!
const rule = (line: string) => {
  const found = one(line)
  if (!found.rule) throw new Error(found.error)
  return found.rule
}

// What PostgreSQL 15.18 says of these lines in pg_hba_file_rules was recorded: valid, or its error.
describe('lines of pg_hba.conf', () => {
  it.each([
    'host all all 10.0.0.5/24 md5',
    'host all all 10.0.0.5 255.255.255.0 md5',
    'host all,"replication" all .example.com "scram-sha-256" # c',
    'host all /^a all md5',
    'hostnogssenc sameuser all samenet ident map=x',
    'local all all ident',
    'local all,"b c" a peer',
    'host all all fe80::1%eth0/64 md5',
    'hostssl all all all cert clientcert=verify-full map="a b"',
    'host "all" "my user",+grp,@names ::ffff:10.0.0.1/128 reject',
  ])('takes %s', (line) => {
    expect(one(line).error).toBeUndefined()
    expect(one(line).rule).toBeDefined()
  })

  it.each([
    ['host all all md5', /is not|ends before/],
    ['local all all cert', /hostssl/],
    ['host all all 10.0.0.0/33 md5', /between 0 and 32/],
    ['HOST all all all md5', /no connection type/],
    ['local all,"b c" a b, c peer', /more than one/],
    ['host all all 0.0.0.0/0 trust bar', /name=value/],
    ['host all all 10.0.0.1 md5', /no mask/],
    ['host all all 10.0.0.0/8 scram', /no authentication method/],
    ['host all all 10.0.0.0/8 peer', /local connections/],
    ['host all "open all 10.0.0.0/8 md5', /never closed/],
    ['include other.conf', /from PostgreSQL 16/],
  ])('refuses %s', (line, message) => {
    expect(one(line).error).toMatch(message)
  })

  it('joins lines that end in a backslash from 14 on, comments too', () => {
    expect(
      parseHba('host all all \\\n  all reject\nlocal all all peer\n', 15).map(({ line }) => line),
    ).toEqual([1, 3])
    expect(parseHba('# a \\\nhost all all all trust\n', 15)).toHaveLength(1)
    expect(parseHba('# a \\\nhost all all all trust\n', 13)).toHaveLength(2)
  })

  it('knows includes from 16 on', () => {
    expect(one('include_dir hba.d', 16).include).toBe(true)
  })

  it('compares meaning, not formatting', () => {
    const same = (a: string, b: string) => ruleKey(rule(a)) === ruleKey(rule(b))
    expect(same('host  all   "app"  10.0.0.5/24 md5 # x', 'host all app 10.0.0.0 255.255.255.0 md5')).toBe(
      true,
    )
    expect(same('host a,b all all md5', 'host b, a all all md5')).toBe(true)
    expect(same('host all "x""y" all md5', 'host all x""""y all md5')).toBe(true)
    expect(rule('host all "x""y" all md5').users).toEqual([{ text: 'x"y', quoted: true }])
    // A comma that no word ends in joins nothing.
    expect(one('host all a ,b all md5').error).toBeDefined()
    expect(same('host all all ::1/128 md5', 'host all all 0:0:0:0:0:0:0:1/128 md5')).toBe(true)
    expect(same('host all all h.Example.com md5', 'host all all H.example.com md5')).toBe(true)
    expect(same('local all all ident', 'local all all peer')).toBe(true)
    expect(same('host replication all all md5', 'host "replication" all all md5')).toBe(false)
    expect(same('host all all all md5', 'host "all" all all md5')).toBe(false)
    expect(same('host all +dev all md5', 'host all "+dev" all md5')).toBe(false)
    expect(matchKey(rule('host all all all md5'))).toBe(matchKey(rule('host all all all reject')))
  })

  it('writes a rule so that it is read the same', () => {
    for (const line of [
      'host all,"replication" "my user",+"dev ops","+x",@names 10.0.0.0/8 ldap ldapserver="a b" ldaptls=1',
      'local all postgres peer map=admins',
      'host "all" a"b"c .example.com scram-sha-256',
    ])
      expect(ruleKey(rule(writeRule(rule(line), 'why')))).toBe(ruleKey(rule(line)))
  })

  it.each([
    ['host all all all reject', 'host app app 10.0.0.0/8 md5', true],
    ['host all all 10.0.0.0/8 reject', 'hostssl app app 10.1.0.0/16 md5', true],
    ['host all all 10.1.0.0/16 reject', 'host app app 10.0.0.0/8 md5', false],
    ['hostssl all all all reject', 'host app app 10.0.0.0/8 md5', false],
    ['host all all all reject', 'host replication app 10.0.0.0/8 md5', false],
    ['host all all all reject', 'host "replication" app 10.0.0.0/8 md5', true],
    ['local all all reject', 'host app app all md5', false],
    ['host app bob all reject', 'host app bob,eve all md5', false],
  ])('%s catches all of %s: %s', (outer, inner, expected) => {
    expect(shadows(rule(outer), rule(inner))).toBe(expected)
  })

  it('knows networks inside networks, of either family', () => {
    const net = (text: string) => readAddress(text, false)
    expect(covers(net('0.0.0.0/0'), net('10.0.0.0/8'))).toBe(true)
    expect(covers(net('0.0.0.0/0'), net('::1/128'))).toBe(false)
    expect(covers(net('2001:db8::/32'), net('2001:db8:1::/48'))).toBe(true)
    expect(covers(net('all'), net('samenet'))).toBe(true)
  })
})
