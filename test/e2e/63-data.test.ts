import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountLines, accountsOf, losses } from '../support/accounts.ts'
import { inventoryCopy } from '../support/inventory-copy.ts'
import { eventually, inventory, named, type Played, playJson, sqlOn } from '../support/play.ts'
import { failure, SITE } from '../support/tasks.ts'
import { Writer } from '../support/writer.ts'

/** Numbers of rows that no other test uses. */
const FIRST = 63_000_000
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']

const site = (folder: string, ...more: string[]): Promise<Played> =>
  playJson(['playbooks/site.yaml', '-i', folder, ...more])
const failures = (played: Played): string =>
  played.results
    .filter(({ status }) => status === 'failed')
    .map(({ host, error }) => [host, error?.message, error?.hint, ...(error?.details ?? [])].join('\n'))
    .join('\n')

beforeAll(async () => {
  expect((await playJson(SITE)).code).toBe(0)
})

describe('a table leaves a publication and joins it again, under writers', () => {
  const writers = [new Writer('vm1', 'test', FIRST), new Writer('vm2', 'test2', FIRST)]
  const without = inventoryCopy('without', ({ hosts }) => {
    hosts.vm2!.publishes = []
  })

  beforeAll(() => {
    for (const writer of writers) writer.start()
  })
  afterAll(async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
    await playJson(['playbooks/site.yaml', '-i', inventory, '-e', 'filled_tables=replace'])
    await Promise.all(
      writers.map(({ host, table }) => sqlOn(host, `delete from ${table} where id >= ${FIRST}`)),
    )
    for (const host of ['vm1', 'vm3']) await sqlOn(host, 'drop schema if exists replaced_by_play cascade')
  })

  it('that it leaves is destructive, named with whom it is taken from, and refused by --no-destructive', async () => {
    await eventually(
      'rows to arrive',
      async () => Number(await sqlOn('vm3', 'select count(*) from test2')) > 100,
    )
    const check = await site(without, '--check')
    const changes = check.results.flatMap((result) => result.changes.filter(({ destructive }) => destructive))
    expect(changes.map(({ path }) => path).sort()).toEqual([
      'publication test_pub tables',
      'subscription from_vm2 tables',
      'subscription from_vm2 tables',
    ])
    expect(changes.find(({ path }) => path.startsWith('publication'))?.reason).toMatch(
      /public\.test2.*vm1_from_vm2, vm3_from_vm2/,
    )
    const refused = await site(without, '--no-destructive')
    expect(refused.code).toBe(2)
    expect(failures(refused)).toContain('--no-destructive forbids it')
    expect(named(refused, 'changed')).toEqual([])
  })

  it('leaves', async () => {
    expect(failures(await site(without))).toBe('')
  })

  it('joins again: refused with the rows of both sides, on each subscriber', async () => {
    const at = Number(await sqlOn('vm2', 'select max(id) from test2'))
    await eventually(
      'rows that reach nobody',
      async () => Number(await sqlOn('vm2', 'select max(id) from test2')) > at + 100,
    )
    const refused = await site(inventory)
    expect(refused.code).toBe(2)
    expect(failures(refused)).toMatch(/vm1[\s\S]*public\.test2[\s\S]*filled_tables[\s\S]*vm3/)
    expect(failure(refused).details).toMatch(/public\.test2: \d+ rows on the publisher, \d+ here/)
  })

  it('and again, compared: refused, because rows are missing', async () => {
    const refused = await site(inventory, '-e', 'filled_tables=compare')
    expect(refused.code).toBe(2)
    expect(failures(refused)).toMatch(/public\.test2: \d+ rows on the publisher, \d+ here/)
  })

  it('and again, replaced: every acknowledged row is on every host, exactly once', async () => {
    expect(failures(await site(inventory, '-e', 'filled_tables=replace'))).toBe('')
    await Promise.all(writers.map((writer) => writer.stop()))
    const accounts = (await Promise.all(writers.map((writer) => accountsOf(writer, HOSTS)))).flat()
    process.stdout.write(`${accountLines(accounts).join('\n')}\n`)
    expect(losses(accounts)).toEqual([])
    expect(writers[1]!.acknowledged.length).toBeGreaterThan(200)
    expect(named(await site(inventory), 'changed')).toEqual([])
  })
})
