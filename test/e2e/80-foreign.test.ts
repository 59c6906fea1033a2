import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { failures } from '../support/converged.ts'
import { asApplication, buildForeign, FOREIGN, foreignState } from '../support/foreign.ts'
import { lab, onGuest } from '../support/guests.ts'
import { eventually, inventory, labState, named, network, play, playJson } from '../support/play.ts'
import { SITE } from '../support/tasks.ts'

/** A fleet that was there before play: what it does not describe stays as it is. */
const address = (host: string) => `${network}.1${host.slice(2)}`
const DB1 = {
  pg_cluster: FOREIGN.cluster,
  pg_port: FOREIGN.port,
  pg_tls: 'keep',
  pg_replicated_database: 'shop',
}

/** As `play adopt` writes it, behind all others. */
const LISTED = { pg_hba_rules: [{ type: 'host', address: '0.0.0.0/0', method: 'reject' }] }

/** Where hosts that have no PostgreSQL yet get it from. */
const lab_vars = parse(readFileSync(join(inventory, 'group_vars/all.yaml'), 'utf8'))
const PACKAGES = Object.fromEntries(Object.entries(lab_vars).filter(([name]) => name.startsWith('pgdg_')))

/** An inventory of somebody who has a primary already. */
function written(name: string, hosts: Record<string, object>): string {
  const folder = join(labState, `foreign-${name}`)
  mkdirSync(join(folder, 'group_vars'), { recursive: true })
  const all = Object.entries(hosts).map(([host, vars]) => [host, { ansible_host: address(host), ...vars }])
  writeFileSync(join(folder, 'hosts.yaml'), stringify({ all: { hosts: Object.fromEntries(all) } }))
  const login = {
    ansible_user: 'admin',
    ansible_ssh_private_key_file: `${labState}/id_ed25519`,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${labState}/known_hosts`,
  }
  writeFileSync(
    join(folder, 'group_vars/all.yaml'),
    stringify({ ...login, pg_version: 15, pg_replication_password: PASSWORD }),
  )
  return folder
}
const PASSWORD = 'foreign-replication-secret'
const ALONE = () => written('alone', { vm1: DB1 })
const site = (folder: string, ...more: string[]) => playJson(['playbooks/site.yaml', '-i', folder, ...more])

let before: string
beforeAll(async () => {
  await lab('reset', 'vm1', 'vm2', 'vm3')
  await buildForeign('vm1')
  before = await foreignState('vm1')
})
afterAll(async () => {
  await lab('reset')
  expect((await playJson(SITE)).code).toBe(0)
})

/** Each line that was there is there. */
async function nothingIsGone(): Promise<void> {
  const now = new Set((await foreignState('vm1')).split('\n'))
  expect(before.split('\n').filter((line) => !now.has(line))).toEqual([])
}

describe('a primary that somebody else made', () => {
  it('is told which words describe it, where the inventory says something else', async () => {
    const wrong = await site(written('port', { vm1: { ...DB1, pg_port: 5432 } }), '--check')
    expect(failures(wrong).join()).toContain(
      'listens on port 5433, and the inventory says 5432: write pg_port: 5433',
    )
    const other = await site(written('cluster', { vm1: { ...DB1, pg_cluster: 'main' } }), '--check')
    expect(failures(other).join()).toMatch(/there is no cluster 15\/main on vm1, but 15\/prod|cluster/)
  })

  it('is left as it is: nothing to change, in check and run', async () => {
    const check = await site(ALONE(), '--check')
    expect(failures(check)).toEqual([])
    expect(named(check, 'changed')).toEqual([])
    const run = await site(ALONE())
    expect(failures(run)).toEqual([])
    expect(named(run, 'changed')).toEqual([])
    expect(await foreignState('vm1')).toBe(before)
    expect((await play(['status', '-i', ALONE()])).code).toBe(0)
  })
})

describe('it is adopted', () => {
  it('with nothing but its address, and the check after it plans nothing', async () => {
    const folder = written('adopted', { vm1: {} })
    rmSync(join(folder, 'host_vars'), { recursive: true, force: true })
    const adopted = await play(['adopt', '-i', folder, '-l', 'vm1', '--write'])
    expect(adopted.stderr).toBe('')
    expect(adopted.code).toBe(0)
    const vars = parse(readFileSync(join(folder, 'host_vars/vm1.yaml'), 'utf8'))
    expect(vars).toMatchObject({
      ...{ pg_version: 15, pg_cluster: FOREIGN.cluster, pg_port: FOREIGN.port, pg_tls: 'keep' },
      pg_settings: {
        ...{ listen_addresses: '*', log_min_duration_statement: '250ms', maintenance_work_mem: '77MB' },
        ...{ max_connections: 150, work_mem: '13MB' },
      },
    })
    expect(Object.keys(vars.pg_settings)).toHaveLength(5)
    expect(vars.pg_hba_rules).toHaveLength(9)
    expect(vars.pg_roles).toContainEqual({ name: 'ann', login: true, member_of: ['readers'] })
    expect(JSON.stringify(vars)).not.toMatch(/password|SCRAM/)
    const check = await site(folder, '--check')
    expect(failures(check)).toEqual([])
    expect(named(check, 'changed')).toEqual([])
    expect(await foreignState('vm1')).toBe(before)
  })
})

describe('it gets a standby', () => {
  // Its own work_mem, not its primary's 13MB.
  const OWN = { pg_host_settings: { work_mem: '21MB' } }
  const pair = () =>
    written('pair', { vm1: { ...DB1, ...LISTED }, vm2: { ...DB1, ...PACKAGES, ...OWN, standby_of: 'vm1' } })

  it('as the check foretells, and nothing that was there is gone', async () => {
    const check = await site(pair(), '--check')
    expect(failures(check)).toEqual([])
    const run = await site(pair())
    expect(failures(run)).toEqual([])
    expect(named(run, 'changed')).toEqual(named(check, 'changed'))
    expect(named(await site(pair()), 'changed')).toEqual([])
    await nothingIsGone()
    expect((await play(['status', '-i', pair()])).code).toBe(0)
  })

  it('whose files of before are kept apart', async () => {
    const kept = await onGuest('vm1', 'find /var/backups/play -type f -printf "%m %P\n"')
    expect(kept).toMatch(/^640 etc\/postgresql\/15\/prod\/pg_hba\.conf\.\d{8}T\d{6}Z$/m)
  })

  it('on which a map of its users lets in whom it lets in on its primary', async () => {
    for (const host of ['vm1', 'vm2']) {
      const who = `psql -XAtqp ${FOREIGN.port} -U shop_app -d shop -c 'select session_user'`
      expect(
        await onGuest(host, `cd /; id bob >/dev/null 2>&1 || useradd bob; runuser -u bob -- ${who}`),
      ).toBe('shop_app')
    }
  })

  it('on which the application reads what it wrote', async () => {
    await asApplication('vm2', address('vm1'), 'insert into sales.orders (id, total) values (1001, 1)')
    const there = () => asApplication('vm1', address('vm2'), 'select total from sales.orders where id = 1001')
    await eventually('its row on the standby', async () => (await there()) === '1')
  })

  it('switches over and back, and the application logs in to whichever is the primary', async () => {
    const back = written('back', { vm2: { ...DB1, ...PACKAGES }, vm1: { ...DB1, standby_of: 'vm2' } })
    for (const [folder, to, other] of [
      [pair(), 'vm2', 'vm1'],
      [back, 'vm1', 'vm2'],
    ] as const) {
      const ran = await playJson(['playbooks/switchover.yaml', '-i', folder, '-e', `new_primary=${to}`])
      expect(failures(ran)).toEqual([])
      expect(
        await asApplication(
          other,
          address(to),
          'insert into public.settings values (now()::text, 1) returning 1',
        ),
      ).toBe('1')
    }
    expect(named(await site(pair()), 'changed')).toEqual([])
    await nothingIsGone()
  })
})

describe('another host subscribes to five of its tables', () => {
  const PUBLISHED = [
    { name: 'shop', tables: ['public.settings', 'sales.orders', 'sales.items', '"Stock"."Parts"'] },
    // Without a primary key.
    { name: 'shop_log', tables: ['sales.log'], publish: ['insert'] },
  ]
  const reports = () =>
    written('reports', {
      vm1: { ...DB1, ...LISTED, pg_publications: PUBLISHED },
      vm2: { ...DB1, ...PACKAGES, standby_of: 'vm1' },
      vm3: {
        ...PACKAGES,
        pg_tls: 'keep',
        pg_replicated_database: 'shop',
        pg_databases: [{ name: 'shop' }],
        pg_subscriptions: [{ name: 'shop', publisher: 'vm1', publications: ['shop', 'shop_log'] }],
      },
    })
  const shop = (host: string, statement: string, port = host === 'vm3' ? 5432 : FOREIGN.port) =>
    onGuest(
      host,
      `cd / && runuser -u postgres -- psql -XAtqp ${port} -d shop -c ${JSON.stringify(statement)}`,
    )
  const COUNTS =
    'select (select count(*) from sales.orders), (select count(*) from sales.items), (select count(*) from sales.log)'

  it('whose tables it has already, and gets their rows', async () => {
    // As far as it comes without them: the database is made.
    const bare = await site(
      reports(),
      '--limit',
      'vm1,vm3',
      '--tags',
      'always,prepare,packages,configure,logical',
    )
    expect(failures(bare).join()).toMatch(
      /^exit 2,vm3: What this server subscribes to: the publisher's table[^\n]*$/,
    )
    const schema = await onGuest(
      'vm1',
      `cd /; runuser -u postgres -- pg_dump -sOx --no-tablespaces -p ${FOREIGN.port} shop | grep -v '^CREATE SCHEMA public'`,
    )
    await onGuest('vm3', `cd /; runuser -u postgres -- psql -Xq -d shop <<'END'\n${schema}\nEND`)
    const ran = await site(reports())
    expect(failures(ran)).toEqual([])
    expect(await shop('vm3', COUNTS)).toBe(await shop('vm1', COUNTS))
    expect(await shop('vm3', 'select count(*) from sales.internal')).toBe('0')
    expect(named(await site(reports()), 'changed')).toEqual([])
    expect((await play(['status', '-i', reports()])).stdout).toMatch(/subscription shop .*ready/)
    await nothingIsGone()
  })

  it('and the replication password is another one after one run, while they replicate', async () => {
    const secret = 'the-second-replication-secret'
    const rotated = (...more: string[]) => site(reports(), '-e', `pg_replication_password=${secret}`, ...more)
    expect(failures(await rotated())).toEqual([])
    expect(named(await rotated(), 'changed')).toEqual([])
    for (const host of ['vm1', 'vm2', 'vm3'])
      expect(
        await onGuest(host, `grep -rlsF ${PASSWORD} /etc /var/lib/postgresql /var/backups /srv || true`),
      ).toBe('')
    // Whoever streams logs in with the new one.
    await shop('vm1', 'select pg_terminate_backend(pid) from pg_stat_replication')
    await shop('vm1', "insert into sales.log (line) values ('after the rotation')")
    for (const host of ['vm2', 'vm3'])
      await eventually(
        `the row on ${host}`,
        async () => (await shop(host, "select count(*) from sales.log where line ~ 'rotation'")) === '1',
      )
  })
})
