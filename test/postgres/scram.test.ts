import { describe, expect, it } from 'vitest'
import { passwordState } from '../../modules/postgres/pg-role/password.ts'
import { saslprep } from '../../postgres/scram/saslprep.ts'
import { isScramSecret, scramSecret, verifyScram } from '../../postgres/scram/scram.ts'

/** As PostgreSQL 15.18 stored them. */
const PENCIL =
  'SCRAM-SHA-256$4096:9lGTqQ3UOTkkwDMi+8LO7A==$0xZkoxnPdt0afFxZr0wgrMBvVWIi3BIly3JvFDs3WGw=:czRbn+2vPYAk5tyVHpQ/q0BQf3/Z25F2i0W7SKsFRTw='
const PREPARED =
  'SCRAM-SHA-256$4096:RafE1eWykVqP4MFxV4zUFA==$5r3ZTr0WtOh9TxpdKhKv28TpPx/TmUe3eGYftZGu0ew=:pYreG6yMCOTUtTuDcaG0PZxTa3ftfSSooK9xRsxxCGw='

describe('SCRAM secrets', () => {
  it('are those that PostgreSQL makes of the same password, salt and iterations', async () => {
    const salt = Buffer.from('9lGTqQ3UOTkkwDMi+8LO7A==', 'base64')
    expect(await scramSecret('pencil', salt)).toBe(PENCIL)
    expect(isScramSecret(PENCIL)).toBe(true)
  })

  it('verify the right password alone', async () => {
    expect(await verifyScram(PENCIL, 'pencil')).toBe(true)
    expect(await verifyScram(PENCIL, 'Pencil')).toBe(false)
    expect(await verifyScram(PREPARED, 'a\u00a0b\u00adc\ufb01\u2168')).toBe(true)
    expect(await verifyScram(PREPARED, 'a bcfiIX')).toBe(true)
  })

  it('verify nothing that is stored in another way', async () => {
    for (const secret of [null, '', 'md5d8578edf8458ce06fbc5bb76a58c5ca4', 'pencil'])
      expect(await verifyScram(secret, 'pencil')).toBe(false)
  })
})

describe('SASLprep as PostgreSQL does it', () => {
  it('maps spaces, drops what maps to nothing, and composes', () => {
    expect(saslprep('plain ASCII')).toBe('plain ASCII')
    expect(saslprep('I\u00adX')).toBe('IX')
    expect(saslprep('e\u0301\u3000\uff21')).toBe('é A')
  })

  it('uses as it is what is forbidden, unassigned in Unicode 3.2, or of mixed direction', () => {
    for (const password of ['\u0007\ufb01', '😀\ufb01', '\u05d0\ufb01', '\u0340', '\u00ad'])
      expect(saslprep(password)).toBe(password)
  })
})

describe('the state of a password', () => {
  it('asks for a new secret only where the stored one is another password’s', async () => {
    expect(await passwordState('pencil', PENCIL)).toEqual({ matches: true })
    expect(await passwordState(undefined, PENCIL)).toEqual({ matches: true })
    expect(await passwordState(null, null)).toEqual({ matches: true })
    expect(await passwordState(null, PENCIL)).toEqual({ matches: false, secret: null })
    expect(await passwordState(PREPARED, PENCIL)).toEqual({ matches: false, secret: PREPARED })
    const state = await passwordState('other', PENCIL)
    expect(state.matches === false && (await verifyScram(state.secret, 'other'))).toBe(true)
  })
})
