import { describe, expect, it } from 'vitest'
import { describeCluster } from '../../../runner/adopt/describe.ts'
import type { ClusterFacts, Neighbour, Said, SubscriptionFacts } from '../../../runner/adopt/facts.ts'
import { cluster, conf, database, hba, neighbour, publication, role, SAID } from './a-cluster.ts'

interface Options {
  said?: Partial<Said>
  neighbours?: Neighbour[]
}
const describeIt = async (more: Partial<ClusterFacts>, { said = {}, neighbours = [] }: Options = {}) =>
  describeCluster(await cluster(more), { ...SAID, ...said }, neighbours)
const variables = async (more: Partial<ClusterFacts>, options?: Options) =>
  Object.fromEntries((await describeIt(more, options)).variables.map(({ name, value }) => [name, value]))
const notes = async (more: Partial<ClusterFacts>, options?: Options) =>
  (await describeIt(more, options)).variables.flatMap((one) => one.notes).join('\n')

it('a cluster of which nothing is set says where it is, and that its TLS stays', async () => {
  expect(await variables({ version: '17', cluster: 'prod', port: 5433 })).toEqual({
    ...{ pg_version: 17, pg_cluster: 'prod', pg_port: 5433, pg_tls: 'keep' },
  })
})

describe('settings', () => {
  const set = async (files: Record<string, string>, running?: Record<string, string>) =>
    (await variables({ conf: await conf(files, running) })).pg_settings

  it('are as somebody would write them', async () => {
    const files = {
      ...{ work_mem: '13MB', shared_buffers: '131072', checkpoint_timeout: '900', max_connections: '150' },
      ...{ random_page_cost: '1.1', autovacuum: 'no', unix_socket_permissions: '0770', 'house.region': '7' },
    }
    const running = {
      ...{ work_mem: '13312', shared_buffers: '131072', checkpoint_timeout: '900', max_connections: '150' },
      ...{ random_page_cost: '1.1', autovacuum: 'off', unix_socket_permissions: '0770' },
    }
    expect(await set(files, running)).toEqual({
      ...{ work_mem: '13MB', shared_buffers: '1GB', checkpoint_timeout: '15min', max_connections: 150 },
      ...{ random_page_cost: 1.1, autovacuum: false, unix_socket_permissions: '0770', 'house.region': '7' },
    })
  })
  it('are left out where they are the default, the package’s, or said elsewhere', async () => {
    const files = { work_mem: '4096kB', lc_messages: 'C.UTF-8', port: '5433', hba_file: '/x', ssl: 'on' }
    const stock = new Map([['lc_messages', { value: 'C.UTF-8' }]])
    expect((await variables({ conf: await conf(files), stock })).pg_settings).toBeUndefined()
  })
  it('that the command line gives count before the files', async () => {
    const found = await conf({ work_mem: '13MB' })
    const forced = { ...found.settings.work_mem!, setting: '65536', source: 'command line' }
    const settings = { ...found.settings, work_mem: forced }
    expect((await variables({ conf: { ...found, settings } })).pg_settings).toEqual({ work_mem: '64MB' })
  })
  it('that hold secrets are named, and never told', async () => {
    const files = {
      primary_conninfo: 'host=a password=geheim',
      ssl_passphrase_command: 'echo geheim',
      archive_command: 'curl --password=geheim %p',
      'house.api_token': 'geheim',
    }
    const facts = { conf: await conf(files) }
    expect((await variables(facts)).pg_settings).toBeUndefined()
    const said = await notes(facts)
    for (const name of Object.keys(files)) expect(said).toContain(`${name} is left out`)
    expect(said).not.toContain('geheim')
  })
  it('that the server has not read, or waits for, are told', async () => {
    const files = { checkpoint_timeout: '15min', max_connections: '200' }
    const facts = { conf: await conf(files, { checkpoint_timeout: '300', max_connections: '150' }) }
    expect((await variables(facts)).pg_settings).toEqual({ max_connections: 200 })
    expect(await notes(facts)).toMatch(/checkpoint_timeout is left out: the server has not read it/)
    expect(await notes(facts)).toMatch(
      /max_connections: changed in the files, and the server waits for a restart/,
    )
  })
})

describe('rules', () => {
  it('are in the order of the file; one with a secret is left out, and the secret is not told', async () => {
    const facts = {
      hba: hba(`local all postgres peer
host "all",crm +staff 10.0.0.0/8 md5
host all all 10.1.0.0/16 ldap ldapserver=x ldapbindpasswd=geheim
host all all 10.1.0.0/16 reject
host shop app all scram-sha-256`),
    }
    expect((await variables(facts)).pg_hba_rules).toEqual([
      { type: 'local', database: 'all', user: 'postgres', method: 'peer' },
      { type: 'host', database: ['"all"', 'crm'], user: '+staff', address: '10.0.0.0/8', method: 'md5' },
      { type: 'host', database: 'shop', user: 'app', address: 'all', method: 'scram-sha-256' },
    ])
    const said = await notes(facts)
    expect(said).toMatch(/Line 3 .*ldapbindpasswd is a secret/)
    expect(said).toMatch(/Line 4 .*about the same connections/)
    expect(said).not.toContain('geheim')
  })
  it('that are left out stay, though the inventory says that others go', async () => {
    const said = { exclusive: true }
    const secret = { hba: hba('host all all all ldap ldapserver=x ldapbindpasswd=geheim') }
    expect(await variables(secret, { said })).toMatchObject({ pg_hba_exclusive: false })
    expect(await variables({ hba: hba('local all all peer') }, { said })).not.toHaveProperty(
      'pg_hba_exclusive',
    )
  })
  it('are left out as a whole where the file has a line that play does not change around', async () => {
    const facts = { hba: hba('local all all peer\nhost all all nonsense') }
    expect((await variables(facts)).pg_hba_rules).toBeUndefined()
    expect(await notes(facts)).toMatch(/The rules are left out: pg_hba.conf has lines .* \(2\)/)
  })
})

it('tablespaces are said, with where they are', async () => {
  const tablespaces = [
    { name: 'nvme', path: '/data/nvme', owner: 'app' },
    { name: 'inside', path: '', owner: 'postgres' },
  ]
  expect((await variables({ tablespaces })).pg_tablespaces).toEqual([
    { name: 'nvme', location: '/data/nvme', owner: 'app' },
  ])
  expect(await notes({ tablespaces })).toMatch(/Tablespace inside is left out/)
})

it('roles have what is not usual, and no password', async () => {
  const member = { inherit: null, set: null, grantor: null }
  const roles = [
    role('postgres', { superuser: true, login: true }),
    role('app', { login: true, password: 'SCRAM-SHA-256$geheim', valid_until: '2031-01-01T00:00:00.000Z' }),
    role('lead', {
      createrole: true,
      connection_limit: 3,
      member_of: [{ role: 'app', admin: true, ...member }],
    }),
    role('{{x}}', { member_of: [{ role: 'pg_monitor', admin: false, ...member }] }),
    role('gone', { valid_until: '-infinity' }),
  ]
  expect((await variables({ roles })).pg_roles).toEqual([
    { name: 'app', login: true, valid_until: '2031-01-01T00:00:00.000Z' },
    { name: 'lead', createrole: true, connection_limit: 3, member_of: [{ role: 'app', admin: true }] },
    { name: '{{"{"}}{x}}', member_of: ['pg_monitor'] },
  ])
  const said = await notes({ roles })
  expect(said).toMatch(/Role gone is left out/)
  expect(said).toMatch(/Passwords are left out.*: app\./)
  expect(said).not.toContain('geheim')
})

it('databases, extensions and publications are of those that somebody made', async () => {
  const trgm = { name: 'pg_trgm', schema: 'public', version: '1.6', relocatable: true }
  const table = { schema: 'o.d"d', name: 'ta.b', columns: ['id'], where: '(id > 0)' }
  const databases = [
    {
      database: database('postgres'),
      extensions: [{ ...trgm, name: 'plpgsql' }],
      publications: [publication('far')],
    },
    {
      database: database('broken', { connection_limit: -2 }),
      extensions: [],
      publications: [],
      unread: 'gone',
    },
    {
      database: database('shop', { owner: 'app', provider: 'icu', provider_locale: 'de', is_template: true }),
      extensions: [trgm],
      publications: [
        publication('p', { tables: [table, { ...table, name: 'T', columns: null, where: null }] }),
        publication('q', { schemas: ['s'], publish: ['insert'], owner: 'app' }),
        publication('r', { all_tables: true }),
      ],
    },
  ]
  const settings = await conf({ wal_level: 'logical' }, { wal_level: 'logical' })
  const facts = { databases, conf: settings }
  expect(await variables(facts)).toMatchObject({
    pg_replicated_database: 'shop',
    pg_databases: [
      {
        ...{ name: 'shop', owner: 'app', encoding: 'UTF8', lc_collate: 'C.UTF-8', lc_ctype: 'C.UTF-8' },
        ...{ locale_provider: 'icu', icu_locale: 'de', is_template: true },
      },
    ],
    pg_extensions: [{ name: 'pg_trgm', db: 'shop', schema: 'public' }],
    pg_publications: [
      { name: 'p', tables: [{ name: '"o.d""d"."ta.b"', columns: ['id'], where: '(id > 0)' }, '"o.d""d".T'] },
      { name: 'q', schemas: ['s'], publish: ['insert'], owner: 'app' },
      { name: 'r', all_tables: true },
    ],
  })
  expect(await notes(facts)).toMatch(
    /Database broken is left out[\s\S]*Publication far of database postgres is left out/,
  )
  const short = {
    said: { publishes: true, database: { name: 'replicated_database', value: 'shop', isSaid: true } },
  } as const
  expect((await variables(facts, short)).pg_publications).toBeUndefined()
  expect((await variables({ databases })).pg_publications).toBeUndefined()
})

describe('who follows', () => {
  const login = {
    host: '10.0.0.1',
    port: '5432',
    user: 'replicator',
    passfile: '/var/lib/postgresql/play.pgpass',
  }
  const standby = {
    conninfo: login,
    sender: { host: '10.0.0.1', port: 5432 },
    slot: 'by_hand',
    fenced: false,
  }
  const neighbours = [neighbour('a', '10.0.0.1'), neighbour('b', '10.0.0.1', { port: 5433 })]

  it('as a standby that somebody else made is kept, with its slot', async () => {
    expect(await variables({ standby, roles: [role('x')] }, { neighbours })).toMatchObject({
      ...{ standby_of: 'a', pg_replication: 'keep', pg_slot_host: 'by_hand' },
    })
    expect(await variables({ standby, roles: [role('x')] }, { neighbours })).not.toHaveProperty('pg_roles')
  })
  it('as a standby of play’s is not, where the inventory has the password', async () => {
    const conninfo = { ...login, sslmode: 'prefer', application_name: 'db1' }
    const ours = { standby: { ...standby, conninfo, fenced: true, slot: 'db1' } }
    const said = { replicationPassword: true }
    const found = await variables(ours, { said, neighbours })
    expect(found).toMatchObject({ standby_of: 'a' })
    expect(found).not.toHaveProperty('pg_replication')
    expect(found).not.toHaveProperty('pg_slot_host')
    expect(await variables(ours, { neighbours })).toMatchObject({ pg_replication: 'keep' })
  })
  it('whom the inventory does not have, is told', async () => {
    const { warnings } = await describeIt({ standby }, { neighbours: [] })
    expect(warnings.join()).toMatch(
      /standby of 10.0.0.1:5432, which is no host of the inventory: add that one/,
    )
    const unsaid = neighbours.map((one) => ({ ...one, described: false }))
    expect((await describeIt({ standby }, { neighbours: unsaid })).warnings.join()).toMatch(
      /adopt that one too/,
    )
  })

  it('with subscriptions: those that play would leave as they are', async () => {
    const subscription = {
      enabled: true,
      slot_name: 's',
      publications: ['p'],
      conninfo: { host: '10.0.0.1' },
    }
    const one = (name: string, more: Partial<SubscriptionFacts['subscription']> = {}, db = 'shop') => ({
      ...{ name, database: db },
      subscription: { ...subscription, ...more },
    })
    const subscriptions = [
      one('good', { conninfo: { host: '10.0.0.1', port: '5433', password: 'geheim' } }),
      one('asleep', { enabled: false }),
      one('slotless', { slot_name: null }),
      one('far', { conninfo: { host: '10.9.9.9', password: 'geheim' } }),
      one('other', {}, 'crm'),
      one('unpublished', { publications: ['q'] }),
    ]
    const knowing = neighbours.map((each) => ({ ...each, publishes: ['p'] }))
    expect(await variables({ subscriptions }, { neighbours: knowing })).toMatchObject({
      ...{ pg_replicated_database: 'shop', pg_replication: 'keep' },
      pg_subscriptions: [{ name: 'good', publisher: 'b', publications: ['p'], slot: 's' }],
    })
    const said = await notes({ subscriptions }, { neighbours: knowing })
    for (const why of [
      /asleep .* disabled/,
      /slotless .* no slot/,
      /far .* no host/,
      /other .* one database/,
      /unpublished .* not said/,
    ])
      expect(said).toMatch(why)
    expect(said).not.toContain('geheim')
  })
})
