import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import type { GuardStep } from '../../../contract/plan.ts'
import { pgClusterModule } from '../../../modules/postgres/pg-cluster/index.ts'
import { pgHbaModule } from '../../../modules/postgres/pg-hba/index.ts'
import { parseHba } from '../../../postgres/hba/parse.ts'
import { clusterOfPackage } from '../../support/facts.ts'
import { ETC, PG_HBA, running, stopped } from './clusters.ts'
import { foldPlan, planAgain, planWith } from './fold-plan.ts'

const PATH = `${ETC}/pg_hba.conf`
const app = { type: 'host', database: 'app', user: 'app', address: '10.0.0.0/8', method: 'scram-sha-256' }
const copy = { ...app, database: 'replication' }
const args = (rules: object[], more = {}) => ({ version: 15, rules, ...more })
const host = (text = PG_HBA) => running({ files: { [PATH]: text } })
const newText = (plan: { changes: readonly { after: unknown }[] }) => String(plan.changes[0]?.after)
const rules = (text: string) =>
  parseHba(text, 15).flatMap(({ rule, raw }) => (rule ? [raw.replace(/\s+/g, ' ')] : []))

const ADMIN = { type: 'local', user: 'postgres', method: 'peer' }

describe('pg_hba', () => {
  it('adds rules in their order, has the server judge the file, then reloads and waits', async () => {
    const { plan } = await planWith(pgHbaModule, await host(), args([app, copy]))
    expect(rules(newText(plan)).slice(-2)).toEqual([
      'host app app 10.0.0.0/8 scram-sha-256',
      'host replication app 10.0.0.0/8 scram-sha-256',
    ])
    expect(plan.changes).toMatchObject([{ path: PATH, before: PG_HBA, text: true }])
    expect(plan.steps.map((step) => step.do)).toEqual(['guard', 'sql', 'wait'])
    expect(plan.steps[0]).toMatchObject({
      steps: [{ path: PATH }],
    })
    // Whoever may read it may go on doing so, and nobody else.
    expect((plan.steps[0] as GuardStep).steps[0]).not.toHaveProperty('mode')
    expect(plan.notes).toEqual([
      'added: host app app 10.0.0.0/8 scram-sha-256',
      'added: host replication app 10.0.0.0/8 scram-sha-256',
    ])
  })

  it('does not take hba_file for its own where it names a file of somebody else', async () => {
    const theirs = '/etc/sudoers.d/README'
    const files = {
      [`${ETC}/postgresql.conf`]: `hba_file = '${theirs}'\n`,
      [theirs]: { content: 'root ALL=(ALL) ALL\n', owner: 'root' },
    }
    await expect(planWith(pgHbaModule, await running({ files }), args([app]))).rejects.toThrow(
      `names ${theirs}, which is no file of postgres`,
    )
    const back = { ...files, [`${ETC}/postgresql.conf`]: `hba_file = '${ETC}/../../../sudoers.d/README'\n` }
    await expect(planWith(pgHbaModule, await running({ files: back }), args([app]))).rejects.toThrow(theirs)
  })

  it('has the server read a file that an earlier task of the check writes, unless another one has it do so', async () => {
    const written = foldPlan(await host(), {
      changes: [],
      steps: [{ do: 'write_file', path: PATH, content: `${PG_HBA}host app app 10.0.0.0/8 scram-sha-256\n` }],
    })
    const { plan } = await planWith(pgHbaModule, written, args([app]))
    expect(plan.changes).toMatchObject([{ after: 'as in the file' }])
    const { plan: reload } = await planWith(pgClusterModule, written, { version: 15, state: 'reloaded' })
    for (const read of [plan, reload])
      expect((await planWith(pgHbaModule, foldPlan(written, read), args([app]))).plan.steps).toEqual([])
  })

  it('plans nothing after its own plan', async () => {
    for (const wish of [
      args([app, copy]),
      args([ADMIN, app], { exclusive: true }),
      args([{ type: 'local', user: 'all' }], { state: 'absent' }),
    ]) {
      expect(await planAgain(pgHbaModule, await host(), wish)).toMatchObject({ changes: [], steps: [] })
      expect(await planAgain(pgHbaModule, stopped(), wish)).toMatchObject({ changes: [], steps: [] })
    }
  })

  it('puts a new rule before the first that would catch its connections', async () => {
    const text = `${PG_HBA}host all all 0.0.0.0/0 reject\nhost all all ::/0 reject\n`
    const { plan } = await planWith(pgHbaModule, await host(text), args([app]))
    expect(rules(newText(plan)).slice(-3)[0]).toMatch(/^host app/)
  })

  it('corrects a rule about the same connections where it stands, and keeps its comment', async () => {
    const text = PG_HBA.replace(
      /(host {4}replication .*)scram-sha-256/,
      'host app app 10.0.0.7/8 trust # for the app\n$1scram-sha-256',
    )
    const { plan } = await planWith(pgHbaModule, await host(text), args([app]))
    expect(rules(newText(plan))[3]).toBe('host app app 10.0.0.0/8 scram-sha-256 # for the app')
    expect(plan.notes![0]).toMatch(/^changed: .* trust .* → .* scram-sha-256/)
  })

  it('obeys position', async () => {
    const first = await planWith(pgHbaModule, await host(), args([app], { position: 'first' }))
    expect(rules(newText(first.plan))[0]).toMatch(/^host app/)
    const anchor = { type: 'local', user: 'all' }
    const behind = await planWith(pgHbaModule, await host(), args([app], { position: { after: anchor } }))
    expect(rules(newText(behind.plan))[2]).toMatch(/^host app/)
    const before = await planWith(
      pgHbaModule,
      await host(),
      args([app, copy], { position: { before: anchor } }),
    )
    expect(rules(newText(before.plan)).slice(1, 3).join()).toMatch(/^host app.*,host replication app/)
    await expect(
      planWith(pgHbaModule, await host(), args([app], { position: { before: { ...app, user: 'eve' } } })),
    ).rejects.toThrow(/not in/)
  })

  it('says when a rule that is there can never match', async () => {
    const text = `${PG_HBA}host all all 10.0.0.0/8 reject\nhost app app 10.0.0.0/8 scram-sha-256\n`
    const { plan } = await planWith(pgHbaModule, await host(text), args([app]))
    expect(plan.changes).toEqual([])
    expect(plan.warnings).toEqual([expect.stringContaining('never matched')])
  })

  const REJECT = { type: 'host', address: '0.0.0.0/0', method: 'reject' }
  const SHOP = { type: 'host', database: 'shop', user: 'shop', address: '0.0.0.0/0', method: 'md5' }
  const ending = `${PG_HBA}host shop shop 0.0.0.0/0 md5\nhost all all 0.0.0.0/0 reject\n`

  it('puts a new rule before what catches it, also where the rule listed before it stands behind that', async () => {
    const text = `${PG_HBA}host all all 0.0.0.0/0 reject\nhost shop shop 0.0.0.0/0 md5\n`
    const { plan } = await planWith(pgHbaModule, await host(text), args([SHOP, app]))
    expect(rules(newText(plan)).slice(-3)).toEqual([
      'host app app 10.0.0.0/8 scram-sha-256',
      'host all all 0.0.0.0/0 reject',
      'host shop shop 0.0.0.0/0 md5',
    ])
    expect(plan.warnings).toEqual([
      expect.stringMatching(/never matched: "host shop shop.*all all 0.0.0.0\/0 reject/),
    ])
    expect(plan.changes[0]!.destructive).toBeUndefined()
  })

  it('keeps the order of the task where that says who wins', async () => {
    const text = `${PG_HBA}host all all 0.0.0.0/0 reject\nhost app eve,app 10.1.0.0/16 reject\n`
    const not = {
      type: 'host',
      database: 'app',
      user: ['eve', 'app'],
      address: '10.1.0.0/16',
      method: 'reject',
    }
    const { plan } = await planWith(pgHbaModule, await host(text), args([not, app]))
    expect(rules(newText(plan)).at(-1)).toMatch(/^host app app/)
    expect(plan.warnings).toHaveLength(1)
  })

  it('moves a rule that is there before one that is listed behind it and catches it', async () => {
    const text = `${ending}host app app 10.0.0.0/8 scram-sha-256 # ours\n`
    const wish = args([SHOP, app, REJECT])
    const { plan } = await planWith(pgHbaModule, await host(text), wish)
    expect(rules(newText(plan)).slice(-3)).toEqual([
      'host shop shop 0.0.0.0/0 md5',
      'host app app 10.0.0.0/8 scram-sha-256 # ours',
      'host all all 0.0.0.0/0 reject',
    ])
    expect([plan.warnings, plan.notes]).toEqual([[], [expect.stringMatching(/^moved: host app app/)]])
    expect(await planAgain(pgHbaModule, await host(text), wish)).toMatchObject({ changes: [], warnings: [] })
  })

  it('says whom a rule locks out that is moved before theirs', async () => {
    const text = `${PG_HBA}host all all 0.0.0.0/0 md5\nhost all all 10.0.0.0/8 md5\nhost all all 10.0.0.0/7 reject\n`
    const wish = args([
      { ...REJECT, address: '10.0.0.0/7' },
      { ...REJECT, method: 'md5' },
    ])
    const { plan } = await planWith(pgHbaModule, await host(text), wish)
    expect(plan.changes[0]).toMatchObject({
      destructive: true,
      reason: expect.stringContaining('10.0.0.0/8'),
    })
  })

  it('removes rules, of any method where none is named', async () => {
    const { plan } = await planWith(
      pgHbaModule,
      await host(),
      args([{ type: 'host', database: 'replication', address: '127.0.0.1/32' }], { state: 'absent' }),
    )
    expect(plan.notes).toEqual(['removed: host replication all 127.0.0.1/32 scram-sha-256'])
    const other = args(
      [{ type: 'host', database: 'replication', address: '127.0.0.1/32', method: 'trust' }],
      {
        state: 'absent',
      },
    )
    expect((await planWith(pgHbaModule, await host(), other)).plan.changes).toEqual([])
  })

  it('makes the file these rules alone, and keeps comments and the lines that stay', async () => {
    const local = { type: 'local', user: 'all', method: 'peer' }
    const { plan } = await planWith(pgHbaModule, await host(), args([ADMIN, local, app], { exclusive: true }))
    const text = newText(plan)
    expect(rules(text)).toEqual([
      'local all postgres peer',
      'local all all peer',
      'host app app 10.0.0.0/8 scram-sha-256',
    ])
    expect(text.split('\n').filter((line) => line.startsWith('#'))).toEqual(
      PG_HBA.split('\n').filter((line) => line.startsWith('#')),
    )
    expect(text).toContain('local   all             postgres                                peer\n')
  })

  it('puts rules that were moved back into their order', async () => {
    const local = { type: 'local', user: 'all', method: 'peer' }
    const text = 'local all postgres peer\nhost app app 10.0.0.0/8 scram-sha-256\nlocal all all peer\n'
    const { plan } = await planWith(
      pgHbaModule,
      await host(text),
      args([ADMIN, local, app], { exclusive: true }),
    )
    expect(rules(newText(plan))).toEqual([
      'local all postgres peer',
      'local all all peer',
      'host app app 10.0.0.0/8 scram-sha-256',
    ])
  })

  it('repairs a broken file when it may, and refuses to guess when not', async () => {
    const broken = await host(`${PG_HBA}host all all\n`)
    await expect(planWith(pgHbaModule, broken, args([app]))).rejects.toThrow(/lines that the server refuses/)
    const { plan } = await planWith(pgHbaModule, broken, args([ADMIN, app], { exclusive: true }))
    expect(rules(newText(plan))).toHaveLength(2)
    expect(plan.notes).toContainEqual(expect.stringMatching(/^removed: host all all \(the line ends before/))
  })

  it('believes the server about lines that look fine here', async () => {
    const errors = [{ line: 10, error: 'unrecognized authentication option name: "foo"' }]
    const options = await running({
      files: { [PATH]: `${PG_HBA}host app app 10.0.0.0/8 scram-sha-256 foo=1\n` },
      sql: [['pg_hba_file_rules where', [{ errors, stale: false, loaded_at: '2026-01-01' }]]],
    })
    const refusal = await planWith(pgHbaModule, options, args([app])).catch((error) => error)
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal.details).toEqual(['line 10: unrecognized authentication option name: "foo"'])
  })

  it('reloads a file that the server has not read since it was written', async () => {
    const options = await running({
      sql: [['pg_hba_file_rules where', [{ errors: null, stale: true, loaded_at: '2026-01-01' }]]],
    })
    const rule = { type: 'local', user: 'all', method: 'peer' }
    const { plan } = await planWith(pgHbaModule, options, args([rule]))
    expect(plan.steps.map((step) => step.do)).toEqual(['sql', 'wait'])
    expect(await planAgain(pgHbaModule, options, args([rule]))).toMatchObject({ changes: [] })
  })

  it('only writes where no server runs', async () => {
    const { plan } = await planWith(pgHbaModule, stopped(), args([app]))
    expect(plan.steps.map((step) => step.do)).toEqual(['write_file'])
  })

  it('refuses rules that would keep out postgres itself', async () => {
    await expect(planWith(pgHbaModule, await host(), args([app], { exclusive: true }))).rejects.toThrow(
      /keep out postgres/,
    )
    const password = { type: 'local', user: 'all', method: 'scram-sha-256' }
    await expect(planWith(pgHbaModule, await host(), args([password], { exclusive: true }))).rejects.toThrow(
      /keep out postgres/,
    )
  })

  const POSTGRES = { type: 'local', database: 'all', user: 'postgres', method: 'peer' }
  it.each([
    [{ type: 'local', database: 'sameuser', user: 'all', method: 'reject' }, POSTGRES],
    [{ type: 'local', database: 'samerole', user: 'all', method: 'reject' }, POSTGRES],
    [{ type: 'local', database: 'all', user: '+admins', method: 'scram-sha-256' }, POSTGRES],
    [{ type: 'local', database: '@dbs', user: 'all', method: 'reject' }, POSTGRES],
    [{ ...POSTGRES, options: { map: 'none' } }],
  ])('nor rules of which only the server can tell: %j', async (...rules) => {
    await expect(planWith(pgHbaModule, await host(), args(rules, { exclusive: true }))).rejects.toThrow(
      /keep out postgres/,
    )
  })

  it.each([
    [{ type: 'local', database: 'replication', user: 'all', method: 'scram-sha-256' }, POSTGRES],
    [{ type: 'local', database: 'sameuser', user: 'all', method: 'peer' }],
    [{ type: 'local', database: 'app', user: '+admins', method: 'scram-sha-256' }, POSTGRES],
    [{ type: 'local', database: 'all', user: 'app', method: 'reject' }, POSTGRES],
    [POSTGRES, { type: 'local', database: 'all', user: '+admins', method: 'reject' }],
  ])('takes those that let it in: %j', async (...rules) => {
    await planWith(pgHbaModule, await host(), args(rules, { exclusive: true }))
  })

  it('leaves alone what stood there before it, and let play in', async () => {
    const doubtful = 'local all +admins md5\nlocal all postgres peer map=ours\n'
    const { plan } = await planWith(pgHbaModule, stopped({ [PATH]: doubtful }), args([app]))
    expect(plan.changes).toHaveLength(1)
  })

  it('names every bad rule', async () => {
    const bad = [
      { type: 'host', method: 'md5' },
      { type: 'local', address: '10.0.0.0/8', method: 'peer' },
      { ...app, method: 'scram' },
      { ...app, address: '10.0.0.0/40' },
      { ...app, user: '/^a' },
      { ...app, method: undefined },
      app,
      { ...app, method: 'md5' },
    ]
    const refusal = await planWith(pgHbaModule, await host(), args(bad)).catch((error) => error)
    expect(refusal.details.map((line: string) => line.slice(0, 7))).toEqual([
      'rule 1:',
      'rule 2:',
      'rule 3:',
      'rule 4:',
      'rule 5:',
      'rule 6:',
      'rule 2:',
    ])
  })

  it('tells a quoted keyword from the keyword', async () => {
    const { plan } = await planWith(
      pgHbaModule,
      await host(),
      args([{ ...app, database: 'app, "replication"', user: ['my user', 'a'] }]),
    )
    expect(rules(newText(plan)).at(-1)).toBe('host app,"replication" "my user",a 10.0.0.0/8 scram-sha-256')
  })

  it('works on a cluster that the package is about to make', async () => {
    const planned = { files: {}, facts: [clusterOfPackage()] }
    const { plan } = await planWith(pgHbaModule, planned, args([app]))
    expect(rules(String(plan.changes[0]!.before))[0]).toBe('local all postgres peer')
    expect(await planAgain(pgHbaModule, planned, args([app]))).toMatchObject({ changes: [] })
  })

  it('counts as destructive what keeps out somebody who was let in', async () => {
    const shop = 'host shop shop 10.1.0.0/16 md5'
    const found = await host(`local all postgres peer\n${shop}\nhost old old 10.2.0.0/16 reject\n`)
    const destructive = async (wish: Record<string, unknown>) => {
      const { plan } = await planWith(pgHbaModule, found, wish)
      return plan.changes.map(({ destructive, reason }) => destructive && reason)
    }
    const shopRule = { type: 'host', database: 'shop', user: 'shop', address: '10.1.0.0/16', method: 'md5' }
    const lost = [`lets in no longer: ${shop}`]
    expect(await destructive(args([ADMIN, app], { exclusive: true }))).toEqual(lost)
    expect(await destructive(args([shopRule], { state: 'absent' }))).toEqual(lost)
    expect(await destructive(args([{ ...shopRule, method: 'scram-sha-256' }]))).toEqual(lost)
    expect(
      await destructive(args([{ type: 'host', address: 'all', method: 'reject' }], { position: 'first' })),
    ).toEqual(lost)
    expect(await destructive(args([app]))).toEqual([undefined])
    expect(await destructive(args([ADMIN, shopRule], { exclusive: true }))).toEqual([undefined])
  })

  it('locks nobody out of a server that never ran', async () => {
    const { plan } = await planWith(pgHbaModule, stopped(), args([ADMIN, app], { exclusive: true }))
    expect(plan.changes[0]).not.toHaveProperty('destructive')
  })
})
