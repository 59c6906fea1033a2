import { describe, expect, it } from 'vitest'
import { type Asked, haRoles, type MemberStand } from '../../postgres/standby/ha-roles.ts'

const stand = (host: string, role: MemberStand['role'], more: Partial<MemberStand> = {}): MemberStand => ({
  host,
  role,
  system_identifier: role === 'none' ? null : '7',
  timeline: role === 'none' ? null : 1,
  knows: null,
  unused: false,
  fenced: null,
  ...more,
})
/** Of db1, db2 and db3, of which the inventory calls db1 the primary. Who is left out does not answer. */
const rolesOf = (stands: MemberStand[], asked: Asked = {}) =>
  haRoles(
    { name: 'shop', members: ['db1', 'db2', 'db3'], declared: 'db1' },
    new Map(stands.map((one) => [one.host, one])),
    asked,
  )
const found = (primary: string, ...former: string[]) => ({ primary, unsure: null, former })
const unsure = (...words: string[]) => ({
  unsure: { why: expect.stringMatching(new RegExp(words.join('.*'))) },
})

const PRIMARY = stand('db1', 'primary')
const TWO = stand('db2', 'standby')
const THREE = stand('db3', 'standby')

describe('who is the primary of a group', () => {
  it('is the declared one where nothing exists, and the found one whatever the inventory says', () => {
    const none = ['db1', 'db2', 'db3'].map((host) => stand(host, 'none'))
    expect(rolesOf(none)).toEqual(found('db1'))
    expect(rolesOf([PRIMARY, TWO, THREE])).toEqual(found('db1'))
    expect(rolesOf([stand('db1', 'standby'), stand('db2', 'primary'), THREE])).toEqual(found('db2'))
    expect(rolesOf([none[0]!, stand('db2', 'primary'), none[2]!])).toEqual(found('db2'))
  })

  it('is the one on the latest timeline where a former one is back, fenced or not', () => {
    const taken = [stand('db2', 'primary', { timeline: 2 }), stand('db3', 'standby', { timeline: 2 })]
    expect(rolesOf([PRIMARY, ...taken])).toEqual(found('db2', 'db1'))
    expect(rolesOf([stand('db1', 'fenced', { fenced: 'db2' }), ...taken])).toEqual(found('db2', 'db1'))
  })

  it('cannot be told while a member does not answer, unless it is named', () => {
    expect(rolesOf([PRIMARY, TWO])).toMatchObject({
      primary: 'db1',
      ...unsure('db3 does not answer, and may know of a later primary than db1'),
    })
    expect(rolesOf([PRIMARY, TWO], { named: 'db1' })).toEqual(found('db1'))
    expect(rolesOf([stand('db1', 'none'), stand('db2', 'none')])).toMatchObject(unsure('db3 does not answer'))
    expect(rolesOf([TWO, THREE])).toMatchObject({ primary: 'db1', ...unsure('db1', 'nobody else') })
    expect(rolesOf([TWO, THREE], { named: 'db1' })).toEqual(found('db1'))
  })

  it('cannot be told where a member knows a later timeline, by its control file or a history file', () => {
    for (const later of [{ timeline: 2 }, { knows: 2 }])
      for (const named of [undefined, 'db1'])
        expect(rolesOf([PRIMARY, TWO, stand('db3', 'standby', later)], { named })).toMatchObject(
          unsure('db3 knows timeline 2, and db1 is on 1'),
        )
    // Promoted, and crashed before its first checkpoint.
    expect(rolesOf([PRIMARY, stand('db2', 'primary', { knows: 2 }), THREE])).toEqual(found('db2', 'db1'))
    expect(
      rolesOf([
        stand('db1', 'primary', { timeline: 2, knows: 2 }),
        TWO,
        stand('db3', 'standby', { knows: 2 }),
      ]),
    ).toEqual(found('db1'))
  })

  it('cannot be told where two write on one timeline, or nobody does', () => {
    expect(rolesOf([PRIMARY, stand('db2', 'primary'), THREE])).toMatchObject(
      unsure('db1 and db2 are primaries of one system'),
    )
    expect(rolesOf([PRIMARY, stand('db2', 'primary'), THREE], { named: 'db2' })).toEqual(found('db2', 'db1'))
    expect(rolesOf([stand('db1', 'standby'), TWO, THREE])).toMatchObject(unsure('nobody is a primary'))
    expect(rolesOf([stand('db1', 'fenced', { fenced: 'db2' }), TWO, THREE])).toMatchObject({
      primary: 'db1',
      unsure: { hint: expect.stringContaining('-e new_primary=db2') },
    })
  })

  it('is not what a package has made, and no copy of something else', () => {
    const fresh = (host: string) => stand(host, 'primary', { system_identifier: `of ${host}`, unused: true })
    expect(rolesOf([fresh('db1'), stand('db2', 'primary', { timeline: 3 }), fresh('db3')])).toEqual(
      found('db2'),
    )
    expect(rolesOf([fresh('db1'), fresh('db2'), fresh('db3')])).toEqual(found('db1'))
    const other = stand('db2', 'primary', { system_identifier: '8' })
    expect(rolesOf([PRIMARY, other, THREE])).toMatchObject(unsure('db1 has .* 7', 'db2 has .* 8'))
    expect(rolesOf([PRIMARY, other, THREE], { named: 'db2' })).toEqual(found('db2'))
  })

  it('is not who is named, where that is wrong', () => {
    expect(rolesOf([PRIMARY, TWO, THREE], { named: 'db2' })).toMatchObject(unsure('db1 is the primary'))
    expect(rolesOf([PRIMARY, TWO, THREE], { named: 'db9' })).toMatchObject(unsure('its members are db1'))
    expect(rolesOf([stand('db1', 'standby'), TWO, THREE], { named: 'db2' })).toMatchObject(unsure('none'))
  })
})

describe('whose place a member takes', () => {
  const taking = 'db2'
  const promoted = stand('db2', 'primary', { timeline: 2 })

  it('is that of the primary', () => {
    expect(rolesOf([PRIMARY, TWO, THREE], { taking })).toEqual(found('db1'))
    expect(rolesOf([stand('db1', 'standby'), TWO, stand('db3', 'primary')], { taking })).toEqual(found('db3'))
    expect(rolesOf([PRIMARY, TWO], { taking })).toMatchObject(unsure('db3 does not answer'))
    expect(rolesOf([PRIMARY, TWO], { taking, named: 'db1' })).toEqual(found('db1'))
  })

  it('is that of the only member that does not answer, where nobody is a primary', () => {
    expect(rolesOf([TWO, THREE], { taking })).toEqual(found('db1'))
    expect(rolesOf([stand('db2', 'standby', { knows: 2 }), THREE], { taking })).toEqual(found('db1'))
    expect(rolesOf([TWO], { taking })).toMatchObject(unsure('that of db1 or db3'))
    expect(rolesOf([TWO], { taking, named: 'db1' })).toEqual(found('db1'))
    expect(rolesOf([stand('db1', 'standby'), TWO, THREE], { taking })).toMatchObject(unsure('nobody'))
  })

  it('is that of the one that it has taken already, when an interrupted run is run again', () => {
    const fenced = stand('db1', 'fenced', { fenced: 'db2' })
    expect(rolesOf([fenced, TWO, THREE], { taking })).toEqual(found('db1'))
    expect(rolesOf([fenced, promoted, THREE], { taking })).toEqual(found('db1'))
    expect(rolesOf([promoted, THREE], { taking })).toEqual(found('db1'))
    expect(rolesOf([PRIMARY, promoted, THREE], { taking })).toEqual(found('db1'))
    expect(rolesOf([fenced, promoted], { taking })).toMatchObject(unsure('db1 or db3'))
    expect(rolesOf([stand('db1', 'standby'), promoted, THREE], { taking })).toEqual(found('db1'))
  })

  it('is told by nobody where another member is further on', () => {
    expect(rolesOf([TWO, stand('db3', 'standby', { timeline: 2 })], { taking })).toMatchObject(
      unsure('db3 knows timeline 2, and db2 is on 1'),
    )
    expect(
      rolesOf([stand('db1', 'none'), TWO, stand('db3', 'primary', { timeline: 2 })], { taking }),
    ).toEqual(found('db3'))
    expect(rolesOf([stand('db3', 'primary'), TWO], { taking, named: 'db1' })).toMatchObject(
      unsure('db3 is the primary'),
    )
    expect(rolesOf([PRIMARY, TWO, THREE], { taking, named: 'db2' })).toMatchObject(
      unsure('-e new_primary=db2'),
    )
  })
})
