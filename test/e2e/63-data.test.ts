import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountLines, accountsOf, losses } from '../support/accounts.ts'
import { inventoryCopy } from '../support/inventory-copy.ts'
import { eventually, inventory, named, onHost, type Played, playJson, sqlOn } from '../support/play.ts'
import { failure, onHosts, SITE } from '../support/tasks.ts'
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

describe('two hosts of the inventory that are one server', () => {
  const network = (hosts: Record<string, Record<string, unknown>>, name: string): string =>
    String(hosts[name]!.ansible_host)
  it.each<[string, (hosts: Record<string, Record<string, unknown>>) => void, RegExp]>([
    [
      'one address, typed twice',
      (hosts) => {
        hosts.vm2!.ansible_host = network(hosts, 'vm1')
      },
      /vm2 and vm1 are one server: both have the address/,
    ],
    [
      'another name, that leads to the same machine',
      (hosts) => {
        hosts.vm2!.ansible_host = `::ffff:${network(hosts, 'vm1')}`
        hosts.vm2!.ansible_ssh_common_args = '-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no'
      },
      /vm[12] and vm[12] are one server: the machine that answers as vm2 has the address of vm1|both lead to one machine/,
    ],
  ])('%s', async (name, change, said) => {
    const folder = inventoryCopy(`one-server-${name.split(' ')[0]}`, ({ hosts }) => change(hosts))
    const ran = await site(folder)
    expect(ran.code).toBe(2)
    expect(failures(ran)).toMatch(said)
    expect(named(ran, 'changed')).toEqual([])
    const limited = await site(folder, '--limit', 'vm2')
    expect(failures(limited)).toMatch(/vm2 and vm1 are one server/)
  })
})

describe('a subscription goes on only with its own slot, and its own server', () => {
  const FROM_VM2 = (more: string) => `- pg_subscription:
    version: 15
    name: from_vm2
    publications: [test_pub]
    slot_name: vm3_from_vm2
    connection:
      host: '${more}'
      dbname: postgres
      user: "{{ replication_user }}"
      passfile: /var/lib/postgresql/play.pgpass
      sslmode: verify-full
      sslrootcert: /etc/postgresql-common/tls/root.crt`

  it('another server is refused; the same one under its name is none', async () => {
    const other = await onHosts('vm3', FROM_VM2('vm1'), undefined, '--check')
    expect(failure(other).message).toMatch(/streams from .* the new connection leads to/)
    const name = await onHosts('vm3', FROM_VM2('vm2'), undefined, '--check')
    const [change] = name.results[0]!.changes
    expect(change!.path).toBe('subscription from_vm2 connection')
    expect(change!.destructive).toBeUndefined()
  })

  it('one that does not answer is refused: nobody can tell which it is', async () => {
    await onHost('vm2', 'systemctl stop postgresql@15-main')
    const there = await onHosts('vm3', FROM_VM2('vm2'))
    await onHost('vm2', 'systemctl start postgresql@15-main')
    expect(failure(there).message).toContain('cannot reach the publisher')
    expect(named(there, 'changed')).toEqual([])
  })

  it('site.yaml does not make the slot of a subscription anew', async () => {
    const before = FIRST + 999_998
    await sqlOn('vm2', `insert into test2 values (${before}, 'before')`)
    await eventually(
      'a row that both hold',
      async () => (await sqlOn('vm1', `select count(*) from test2 where id = ${before}`)) === '1',
    )
    await sqlOn('vm1', 'alter subscription from_vm2 disable')
    await eventually(
      'the slot to be free',
      async () =>
        (await sqlOn('vm2', "select active from pg_replication_slots where slot_name = 'vm1_from_vm2'")) ===
        'f',
    )
    await sqlOn('vm2', "select pg_drop_replication_slot('vm1_from_vm2')")
    const row = FIRST + 999_999
    await sqlOn('vm2', `insert into test2 values (${row}, 'between')`)
    const refused = await site(inventory)
    expect(failures(refused)).toMatch(/vm1\nslot vm1_from_vm2 is gone on the publisher/)
    // As its hint says: dropped, and made again.
    const dropped = await onHosts('vm1', '- pg_subscription: { version: 15, name: from_vm2, state: absent }')
    expect(dropped.code).toBe(0)
    expect(failures(await site(inventory))).toMatch(/holds rows already/)
    expect(failures(await site(inventory, '-e', 'filled_tables=compare'))).toMatch(/other rows than/)
    expect(failures(await site(inventory, '-e', 'filled_tables=replace'))).toBe('')
    expect(await sqlOn('vm1', `select count(*) from test2 where id = ${row}`)).toBe('1')
    await sqlOn('vm2', `delete from test2 where id in (${before}, ${row})`)
  })

  it('tables that hold the very same rows join after they were compared', async () => {
    const dropped = await onHosts('vm1', '- pg_subscription: { version: 15, name: from_vm2, state: absent }')
    expect(dropped.code).toBe(0)
    const check = await site(inventory, '-e', 'filled_tables=compare', '--check')
    const joined = await site(inventory, '-e', 'filled_tables=compare')
    expect(failures(joined)).toBe('')
    expect(named(joined, 'changed')).toEqual(named(check, 'changed'))
    await sqlOn('vm1', 'drop schema if exists replaced_by_play cascade')
  })
})

describe('a host that was taken out of the inventory', () => {
  it('is noted with the command, which takes away what it left', async () => {
    await sqlOn('vm1', "select pg_create_logical_replication_slot('vm9_from_vm1', 'pgoutput')")
    await sqlOn(
      'vm3',
      "create subscription from_vm9 connection 'host=192.0.2.9' publication test_pub with (connect = false, slot_name = none, enabled = false)",
    )
    const noted = await site(inventory)
    expect(noted.code).toBe(0)
    const notes = noted.results.flatMap(({ host, notes }) => (notes ?? []).map((note) => `${host}: ${note}`))
    expect(notes.join('\n')).toMatch(
      /vm1: slot vm9_from_vm1 .*host=vm9 -e host_is_lost=true[\s\S]*vm3: subscription from_vm9/,
    )
    const removed = await playJson(
      'playbooks/remove-host.yaml -e host=vm9 -e host_is_lost=true -i'.split(' ').concat(inventory),
    )
    expect(failures(removed)).toBe('')
    const after = await site(inventory)
    expect(after.results.flatMap(({ notes }) => notes ?? []).filter((note) => note.includes('vm9'))).toEqual(
      [],
    )
  })
})

describe('writers that do not wait until the topology is built', () => {
  const writers = [
    new Writer('vm1', 'test', FIRST + 2_000_000),
    new Writer('vm2', 'test2', FIRST + 2_000_000),
  ]

  afterAll(async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
  })

  it('what is written while the topology is built is everywhere, exactly once', async () => {
    const absent = (publisher: string) =>
      `- pg_subscription: { version: 15, name: from_${publisher}, state: absent }`
    const dropped = await onHosts('vm1:vm2:vm3', `${absent('vm1')}\n${absent('vm2')}`)
    expect(failures(dropped)).toBe('')
    for (const host of ['vm1', 'vm2', 'vm3'])
      await sqlOn(host, 'drop publication if exists test_pub; drop table test, test2')
    const built = site(inventory)
    await Promise.all(
      writers.map(async (writer) => {
        const { host, table } = writer
        await eventually(
          `table ${table} on ${host}`,
          async () => (await sqlOn(host, `select to_regclass('${table}') is not null`)) === 't',
          200,
        )
        writer.start()
      }),
    )
    expect(failures(await built)).toBe('')
    await Promise.all(writers.map((writer) => writer.stop()))
    const accounts = (await Promise.all(writers.map((writer) => accountsOf(writer, HOSTS)))).flat()
    process.stdout.write(`${accountLines(accounts).join('\n')}\n`)
    expect(losses(accounts)).toEqual([])
    expect(named(await site(inventory), 'changed')).toEqual([])
  })
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
    expect(refused.code).toBe(4)
    expect(refused.stderr).toMatch(/--no-destructive forbids it: nothing was touched/)
    expect(refused.stderr).toMatch(/vm2: What this server publishes: publication test_pub tables/)
    expect(named(refused, 'changed')).toEqual([])
  })

  it('leaves', async () => {
    expect(failures(await site(without))).toBe('')
  })

  it('joins again: refused with the rows of both sides, on each subscriber', async () => {
    const { acknowledged } = writers[1]!
    const before = acknowledged.length
    await eventually('rows that reach nobody', async () => acknowledged.length > before + 100)
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
