import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountsOf, losses } from '../support/accounts.ts'
import { failures } from '../support/converged.ts'
import { type Example, example } from '../support/examples.ts'
import { lab } from '../support/guests.ts'
import { eventually, named, play, playJson, postgresql, sqlOn } from '../support/play.ts'
import { SITE } from '../support/tasks.ts'
import { Writer } from '../support/writer.ts'

/** A publisher with a standby of its own: shop1 and shop2, on vm1 and vm2; reports, on vm3, subscribes. */
const ALL = ['vm1', 'vm2', 'vm3']
type Shop = 'shop1' | 'shop2'
const other = (shop: Shop): Shop => (shop === 'shop1' ? 'shop2' : 'shop1')

/** The inventory, as switchover.yaml and failover.yaml say that it is to be once this one is the publisher. */
const publisherIs = (shop: Shop): string[] => example('publisher-pair', (all) => exchange(all, shop), shop)

function exchange({ hosts }: Example, shop: Shop): void {
  if (shop === 'shop1') return
  const { pg_publications, ...shop1 } = hosts.shop1!
  const { standby_of, ...shop2 } = hosts.shop2!
  hosts.shop1 = { ...shop1, standby_of: 'shop2' }
  hosts.shop2 = { ...shop2, pg_publications }
  hosts.reports!.pg_subscriptions = [{ name: 'shop', publisher: 'shop2', publications: ['shop'] }]
}

const run = (playbook: string, shop: Shop, ...more: string[]) =>
  playJson([`playbooks/${playbook}.yaml`, ...publisherIs(shop), ...more])

/** site.yaml has nothing to change, and `play status` nothing to tell. */
async function isWell(shop: Shop): Promise<void> {
  const site = await run('site', shop)
  expect([failures(site), named(site, 'changed')]).toEqual([[], []])
  const { code, stdout } = await play(['status', ...publisherIs(shop)])
  expect([code, stdout.match(/(differs|warning|danger) .*/g)]).toEqual([0, null])
}

/** One client for each that may be the publisher: of a standby it is turned away until that has taken over. */
let clients: Writer[] = []
let numbers = 0
function startClients(): void {
  clients = ['vm1', 'vm2'].map((host) => {
    numbers += 1_000_000
    return new Writer(host, 'orders', numbers, 100).start()
  })
}
const goesOn = async (at: number): Promise<void> => {
  const { length } = clients[at]!.acknowledged
  await eventually('the client to write', async () => clients[at]!.acknowledged.length > length + 100)
}
/** What was acknowledged is on every host exactly once. */
async function nothingIsLost(hosts = ALL): Promise<void> {
  await Promise.all(clients.map((client) => client.stop()))
  const accounts = await Promise.all(clients.map((client) => accountsOf(client, hosts)))
  process.stdout.write(`${clients.map(({ acknowledged }) => acknowledged.length)} rows acknowledged\n`)
  expect(losses(accounts.flat())).toEqual([])
}

beforeAll(async () => {
  await lab('reset')
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()))
  await lab('reset')
  expect((await playJson(SITE)).code).toBe(0)
})

it('is foretold on bare hosts, built, and there is nothing to change then', async () => {
  const check = await run('site', 'shop1', '--check')
  expect(failures(check)).toEqual([])
  const site = await run('site', 'shop1')
  expect(failures(site)).toEqual([])
  expect(named(site, 'changed')).toEqual(named(check, 'changed'))
  await isWell('shop1')
})

describe.runIf(postgresql >= 17)('while clients write (only with PostgreSQL 17 or newer)', () => {
  it.each(['shop2', 'shop1'] as const)('a switchover to %s loses no row anywhere', async (shop) => {
    startClients()
    await goesOn(shop === 'shop2' ? 0 : 1)
    expect(failures(await run('switchover', other(shop), '-e', `new_primary=${shop}`))).toEqual([])
    await goesOn(shop === 'shop2' ? 1 : 0)
    await nothingIsLost()
    await isWell(shop)
  })

  it('a failover loses no row anywhere that its standby had to acknowledge', async () => {
    await sqlOn('vm1', "alter system set synchronous_standby_names = 'shop2'")
    await sqlOn('vm1', 'select pg_reload_conf()')
    startClients()
    await goesOn(0)
    await lab('kill', 'vm1')
    const failover = await run('failover', 'shop1', '-e', 'new_primary=shop2', '-e', 'lost_writes=accept')
    expect(failures(failover)).toEqual([])
    await goesOn(1)
    await nothingIsLost(['vm2', 'vm3'])
  })

  it('its subscriber waits for no standby that is gone, and the old publisher comes back as one', async () => {
    expect(await sqlOn('vm2', 'show synchronized_standby_slots')).toBe('')
    await lab('start', 'vm1')
    const rejoin = await run('rejoin', 'shop2', '-e', 'host=shop1', '-e', 'discarded=drop')
    expect(failures(rejoin)).toEqual([])
    await isWell('shop2')
    await nothingIsLost()
  })

  it('a subscriber gets nothing that its publisher’s standby lacks', async () => {
    await lab('kill', 'vm1')
    await sqlOn('vm2', "insert into orders values (-1, 'kept back')")
    const slot = 'select active, confirmed_flush_lsn < pg_current_wal_lsn() from pg_replication_slots'
    expect(await sqlOn('vm2', `${slot} where slot_name = 'reports_shop'`)).toBe('t|t')
    expect(await sqlOn('vm3', 'select count(*) from orders where id = -1')).toBe('0')
    await lab('start', 'vm1')
    await eventually(
      'the row to arrive',
      async () => (await sqlOn('vm3', 'select count(*) from orders where id = -1')) === '1',
    )
  })

  it('a failover leaves no subscriber behind that is further than the standby', async () => {
    const rows = (host: string) => sqlOn(host, 'select count(*), count(*) filter (where id = -3) from orders')
    await sqlOn('vm2', "alter system set synchronized_standby_slots = ''")
    await sqlOn('vm2', 'select pg_reload_conf()')
    await lab('net', 'vm1', 'cut', 'vm2')
    await sqlOn('vm2', "insert into orders values (-3, 'ahead')")
    await eventually('the row to arrive', async () => (await rows('vm3')).endsWith('|1'))
    await lab('kill', 'vm2')
    await lab('net', 'vm1', 'heal')
    const failover = (...more: string[]) =>
      run('failover', 'shop2', '-e', 'new_primary=shop1', '-e', 'lost_writes=accept', ...more)
    expect(failures(await failover()).join()).toContain('subscription shop of reports has applied up to')
    await sqlOn('vm3', 'alter subscription shop disable')
    await sqlOn('vm3', 'alter subscription shop set (slot_name = none)')
    await sqlOn('vm3', 'drop subscription shop')
    expect(failures(await failover('-e', 'filled_tables=replace'))).toEqual([])
    expect(await rows('vm3')).toBe(await rows('vm1'))
    expect(await rows('vm1')).toMatch(/\|0$/)
    await lab('start', 'vm2')
    expect(failures(await run('rejoin', 'shop1', '-e', 'host=shop2', '-e', 'discarded=drop'))).toEqual([])
    await isWell('shop1')
  })

  it('a standby that is removed is waited for no longer', async () => {
    expect(failures(await run('remove-host', 'shop1', '-e', 'host=shop2'))).toEqual([])
    expect(await sqlOn('vm1', 'show synchronized_standby_slots')).toBe('')
    await sqlOn('vm1', "insert into orders values (-2, 'sent')")
    await eventually(
      'the row to arrive',
      async () => (await sqlOn('vm3', 'select count(*) from orders where id = -2')) === '1',
    )
  })
})

describe.runIf(postgresql < 17)('a publisher of an older version (only with PostgreSQL 16 or older)', () => {
  it('a switchover is refused while clients may write', async () => {
    const played = await run('switchover', 'shop1', '-e', 'new_primary=shop2')
    expect(failures(played).join()).toContain('-e writes_stopped=yes')
    startClients()
    await goesOn(0)
    const told = await run('switchover', 'shop1', '-e', 'new_primary=shop2', '-e', 'writes_stopped=yes')
    expect(failures(told).join()).toContain('clients are connected to shop1 and may write')
    await nothingIsLost()
  })

  it.each(['shop2', 'shop1'] as const)('a switchover to %s without writers loses no row', async (shop) => {
    const args = ['-e', `new_primary=${shop}`, '-e', 'writes_stopped=yes']
    expect(failures(await run('switchover', other(shop), ...args))).toEqual([])
    await isWell(shop)
    startClients()
    await goesOn(shop === 'shop2' ? 1 : 0)
    await nothingIsLost()
  })

  it('a failover is refused', async () => {
    await lab('kill', 'vm1')
    const played = await run('failover', 'shop1', '-e', 'new_primary=shop2', '-e', 'lost_writes=accept')
    expect(failures(played).join()).toContain('shop1 is a publisher')
  })
})
