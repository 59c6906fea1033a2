import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildConninfo, parseConninfo, sameConninfo, showConninfo } from '../../postgres/conninfo.ts'

describe('connection strings', () => {
  it('are built in one order, quoted where libpq needs it', () => {
    expect(
      buildConninfo({
        user: "o'brien",
        application_name: 'a b',
        host: 'vm1',
        port: 5432,
        sslmode: undefined,
      }),
    ).toBe("host=vm1 port=5432 user='o\\'brien' application_name='a b'")
  })

  it('are read as libpq reads them', () => {
    expect(parseConninfo("  host = vm1  password='it\\'s' options='-c a=b' user=a\\ b ")).toEqual({
      host: 'vm1',
      password: "it's",
      options: '-c a=b',
      user: 'a b',
    })
    expect(parseConninfo('postgresql://u:p%40@[::1]:5433/db?sslmode=require')).toEqual({
      user: 'u',
      password: 'p@',
      host: '::1',
      port: '5433',
      dbname: 'db',
      sslmode: 'require',
    })
    for (const broken of ['host', 'host=vm1 =x', "host='vm1", 'postgres://a/%zz'])
      expect(parseConninfo(broken)).toBeNull()
  })

  it('come back as they were built', () => {
    const value = fc.string({ minLength: 1 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(fc.record({ host: value, user: value, application_name: value }), (conninfo) => {
        expect(parseConninfo(buildConninfo(conninfo))).toEqual(conninfo)
      }),
    )
  })

  it('are the same with the default port said or not', () => {
    expect(sameConninfo({ host: 'a', port: '5432' }, { host: 'a' })).toBe(true)
    expect(sameConninfo({ host: 'a', port: '5433' }, { host: 'a' })).toBe(false)
    expect(sameConninfo({ host: 'a' }, { host: 'a', user: 'b' })).toBe(false)
  })

  it('are shown without their password', () => {
    expect(showConninfo({ host: 'a', password: 'secret' })).toBe('host=a password=********')
  })
})
