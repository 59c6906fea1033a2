import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certify, newPair } from '../support/certificates.ts'
import {
  command,
  eventually,
  inventory,
  named,
  network,
  onHost,
  play,
  playJson,
  sqlOn,
} from '../support/play.ts'

const SITE = ['playbooks/site.yaml', '-i', inventory]
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const TLS = '/etc/postgresql-common/tls'
const CA = join(inventory, 'ca')
const ETC = '/etc/postgresql/15/main'
const LOG = '/var/log/postgresql/postgresql-15-main.log'
const PASSFILE = '/var/lib/postgresql/play.pgpass'
const everywhere = (text: string) => Promise.all(HOSTS.map((host) => onHost(host, text)))

/** Logs in from vm2 as the replication role does. Answers what psql printed, or its error. */
async function login(conninfo: string, query: string): Promise<string> {
  const psql = `psql -wXAtq -v ON_ERROR_STOP=1 -d "user=replicator passfile=${PASSFILE} connect_timeout=5 ${conninfo}" -c "${query}" 2>&1`
  const ran = await command([
    'lab/lab',
    'exec',
    'vm2',
    'runuser',
    '-u',
    'postgres',
    '--',
    'sh',
    '-c',
    `cd /; ${psql}`,
  ])
  return ran.stdout.trim()
}

const VM1 = `host=${network}.11`
const VERIFIED = `sslmode=verify-full sslrootcert=${TLS}/root.crt`
const CLASSES: [string, string, string, RegExp][] = [
  ['SQL', 'dbname=postgres', 'select 7712', /^7712$/],
  [
    'logical replication',
    'dbname=postgres replication=database',
    'IDENTIFY_SYSTEM',
    /^\d+\|\d+\|.*\|postgres$/,
  ],
  ['physical replication', 'replication=true', 'IDENTIFY_SYSTEM', /^\d+\|\d+\|.*\|$/],
]

beforeAll(async () => {
  const site = await playJson(SITE)
  expect(named(site, 'failed')).toEqual([])
  expect(site.code).toBe(0)
})

describe('the replication role', () => {
  it.each(CLASSES)('logs in with TLS, and not without: %s', async (_, what, query, answer) => {
    expect(await login(`${VM1} ${VERIFIED} ${what}`, query)).toMatch(answer)
    expect(await login(`${VM1} sslmode=disable ${what}`, query)).toMatch(
      /no pg_hba.conf entry .*no encryption/,
    )
  })

  it('every stream between the hosts is encrypted', async () => {
    const streams = 'select count(*), bool_and(ssl) from pg_stat_replication join pg_stat_ssl using (pid)'
    for (const [host, expected] of [
      ['vm1', '2|t'],
      ['vm2', '2|t'],
      ['vm3', '1|t'],
    ] as const)
      await eventually(
        `streams of ${host}`,
        async () => (await sqlOn(host, streams)) === expected || (await sqlOn(host, streams)),
      )
  })

  it('a server that cannot prove who it is, is refused', async () => {
    const snakeoil = 'sslmode=verify-full sslrootcert=/etc/ssl/certs/ssl-cert-snakeoil.pem'
    expect(await login(`${VM1} ${snakeoil} dbname=postgres`, 'select 7712')).toContain(
      'certificate verify failed',
    )
    expect(await login(`host=vm3 hostaddr=${network}.11 ${VERIFIED} dbname=postgres`, 'select 7712')).toMatch(
      /certificate for "vm1".* does not match host name "vm3"/,
    )
    expect(await login(`host=vm1 ${VERIFIED} dbname=postgres`, 'select 7712')).toBe('7712')
  })

  it('another network, database or user is refused', async () => {
    await Promise.all([
      onHost('vm1', 'ip address add 198.51.100.11/24 dev host0'),
      onHost('vm2', 'ip address add 198.51.100.12/24 dev host0'),
    ])
    try {
      for (const [, what, query] of CLASSES)
        expect(await login(`host=198.51.100.11 sslmode=require ${what}`, query)).toMatch(
          /no pg_hba.conf entry .*"198.51.100.12"/,
        )
    } finally {
      await onHost('vm1', 'ip address delete 198.51.100.11/24 dev host0')
      await onHost('vm2', 'ip address delete 198.51.100.12/24 dev host0')
    }
    expect(await login(`${VM1} ${VERIFIED} dbname=template1`, 'select 1')).toContain('no pg_hba.conf entry')
    expect(await login(`${VM1} ${VERIFIED} dbname=postgres user=postgres`, 'select 1')).toContain(
      'no pg_hba.conf entry',
    )
  })

  it('has the rights that replication needs, and no others', async () => {
    const attributes = `select rolcanlogin, rolreplication, rolsuper or rolcreatedb or rolcreaterole or rolbypassrls,
      (select count(*) from pg_auth_members where member = r.oid), rolpassword like 'SCRAM-SHA-256$%'
      from pg_authid r where rolname = 'replicator'`
    const rights = `select string_agg(table_name || ' ' || privilege_type, ', ' order by table_name)
      from information_schema.role_table_grants where grantee = 'replicator'`
    const published = { vm1: 'test SELECT', vm2: 'test2 SELECT', vm3: '' }
    for (const [host, readable] of Object.entries(published)) {
      expect(await sqlOn(host, attributes)).toBe('t|t|f|0|t')
      expect(await sqlOn(host, rights)).toBe(readable)
    }
    const as = (query: string) => login(`${VM1} ${VERIFIED} dbname=postgres`, query)
    expect(await as("insert into test values (0, 'x')")).toContain('permission denied')
    expect(await as('create table mine (id int)')).toContain('permission denied')
    expect(await as('select rolpassword from pg_authid')).toContain('permission denied')
  })
})

it('private keys are where they belong, readable by one user, and nowhere else', async () => {
  expect((statSync(CA).mode & 0o777).toString(8)).toBe('700')
  expect((statSync(join(CA, 'ca.key')).mode & 0o777).toString(8)).toBe('600')
  const secretOf = (pem: string) => pem.split('\n')[1]!
  const verbose = await play([...SITE, '--check', '--diff', '-vvv'])
  const secrets = [
    readFileSync(join(CA, 'ca.key'), 'utf8'),
    ...(await everywhere(`cat ${TLS}/server.key`)),
  ].map(secretOf)
  expect(new Set(secrets).size).toBe(5)
  for (const secret of secrets) expect(verbose.stdout + verbose.stderr).not.toContain(secret)
  for (const host of HOSTS) {
    expect(await onHost(host, `stat -c "%a %U" ${TLS}/server.key`)).toBe('600 postgres')
    const text = 'grep -rlsF -f - /etc /var/lib/postgresql /var/log /root /home /tmp /run || true'
    const found = await command(['lab/lab', 'exec', host, 'sh', '-c', text], { input: secrets.join('\n') })
    expect(found.stdout.trim()).toBe(`${TLS}/server.key`)
  }
})

/** A row every 50 ms on vm1, each acknowledged, while `work` is done; afterwards all are everywhere, once. */
async function whileWriting(work: () => Promise<void>): Promise<void> {
  await sqlOn('vm1', "delete from test where note = 'written on'")
  const script = `cd /; i=1000; rm -f /tmp/stop-writing
    while [ ! -e /tmp/stop-writing ]; do i=$((i + 1)); echo "insert into test values ($i, 'written on');"; sleep 0.05; done |
    runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1; rm -f /tmp/stop-writing`
  const writer = command(['lab/lab', 'exec', 'vm1', 'sh', '-c', script])
  try {
    await work()
  } finally {
    await onHost('vm1', 'touch /tmp/stop-writing')
  }
  expect((await writer).stderr).toBe('')
  const query =
    "select count(*) || ' ' || count(distinct id) || ' ' || max(id) from test where note = 'written on'"
  const written = await sqlOn('vm1', query)
  expect(Number(written.split(' ')[0])).toBeGreaterThan(20)
  for (const host of ['vm2', 'vm3', 'vm4'])
    await eventually(`${written} on ${host}`, async () => {
      const found = await sqlOn(host, query)
      return found === written || found
    })
}

const MARK = 'echo "-- here the test begins" >> '
const complaints = () =>
  everywhere(
    `sed -n '/-- here the test begins/,$p' ${LOG} | grep -E 'could not connect|no pg_hba.conf entry|certificate verify failed' || true`,
  )

it('clusters without TLS move over in one run, as foretold, while they replicate', async () => {
  const connection = (host: string) =>
    `host=${network}.${host} dbname=postgres user=replicator passfile=${PASSFILE}`
  await everywhere(
    `sed -i "/^ssl/d" ${ETC}/conf.d/play.conf; sed -i "s/^ssl = on/ssl = off/" ${ETC}/postgresql.conf; sed -i "s/^hostssl/host   /" ${ETC}/pg_hba.conf; rm -r ${TLS}`,
  )
  await onHost('vm4', `sed -i "s/ sslmode=[^ ]* sslrootcert=[^ ]*//" ${ETC}/conf.d/standby.conf`)
  for (const [host, from] of [
    ['vm1', '2'],
    ['vm2', '1'],
    ['vm3', '1'],
    ['vm3', '2'],
  ] as const)
    await sqlOn(host, `alter subscription from_vm${from} connection '${connection(`1${from}`)}'`)
  await everywhere('systemctl restart postgresql@15-main')
  const plain = 'select count(*) from pg_stat_replication join pg_stat_ssl using (pid) where not ssl'
  for (const [host, count] of [
    ['vm1', '2'],
    ['vm2', '2'],
    ['vm3', '1'],
  ] as const)
    await eventually(`plain streams of ${host}`, async () => (await sqlOn(host, plain)) === count)

  await everywhere(MARK + LOG)
  await whileWriting(async () => {
    const check = await playJson([...SITE, '--check'])
    const run = await playJson(SITE)
    expect(named(run, 'failed')).toEqual([])
    expect(named(run, 'changed')).toEqual(named(check, 'changed'))
    expect(named(check, 'unknown')).toEqual([])
  })
  expect(await complaints()).toEqual(['', '', '', ''])
  expect(named(await playJson(SITE), 'changed')).toEqual([])
})

it('a new authority and new certificates take the place of the old ones in one run, without breaking a stream', async () => {
  const walReceiver = () => sqlOn('vm4', 'select pid from pg_stat_wal_receiver')
  const issuer = async () =>
    new Set(await everywhere(`openssl x509 -noout -issuer -in ${TLS}/server.crt`)).size
  const before = await walReceiver()
  renameSync(CA, `${CA}.old`)
  try {
    await whileWriting(async () => {
      // Nobody makes a second one by mistake.
      const refused = await playJson([...SITE, '--check'])
      expect(named(refused, 'failed')).toEqual(
        HOSTS.map((host) => `${host}: The server's key and certificate`),
      )
      const anew = [...SITE, '-e', 'new_certificate_authority=true']
      const check = await playJson([...anew, '--check'])
      expect(existsSync(CA)).toBe(false)
      const run = await playJson(anew)
      expect(named(run, 'changed')).toEqual(named(check, 'changed'))
      expect(named(run, 'changed')).toEqual(
        HOSTS.flatMap((host) => [`${host}: Settings`, `${host}: The server's key and certificate`]),
      )
      expect(run.code).toBe(0)
    })
    expect(await issuer()).toBe(1)
    expect(await walReceiver()).toBe(before)
    expect(await login(`${VM1} ${VERIFIED} dbname=postgres`, 'select 7712')).toBe('7712')
    expect(named(await playJson(SITE), 'changed')).toEqual([])
  } finally {
    rmSync(`${CA}.old`, { recursive: true })
  }
})

describe('certificates of the user’s own', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'play-tls-'))
  afterAll(async () => {
    rmSync(scratch, { recursive: true })
    expect((await playJson([...SITE, '--tags', 'packages,configure', '--limit', 'vm1'])).code).toBe(0)
  })

  it('are taken as they are, and the server presents them', async () => {
    const pair = await newPair()
    const { certificate } = await certify(CA, pair, ['vm1', `${network}.11`, 'db.example'], 500)
    writeFileSync(join(scratch, 'vm1.crt'), certificate)
    writeFileSync(join(scratch, 'vm1.key'), pair.privatePem, { mode: 0o600 })
    const files = {
      cert: join(scratch, 'vm1.crt'),
      key: join(scratch, 'vm1.key'),
      root_cert: join(CA, 'ca.crt'),
    }
    const given = [
      '-e',
      JSON.stringify({ certificate_files: files }),
      '--tags',
      'packages,configure',
      '--limit',
      'vm1',
    ]
    const check = await playJson([...SITE, ...given, '--check', '--diff'])
    const run = await playJson([...SITE, ...given, '--diff'])
    expect(named(run, 'changed')).toEqual(['vm1: Settings', "vm1: The server's key and certificate"])
    expect(named(check, 'changed')).toEqual(named(run, 'changed'))
    expect(check.stdout + run.stdout).not.toContain(pair.privatePem.split('\n')[1])
    expect(
      await login(`host=db.example hostaddr=${network}.11 ${VERIFIED} dbname=postgres`, 'select 7712'),
    ).toBe('7712')
    expect(named(await playJson([...SITE, ...given]), 'changed')).toEqual([])
  })
})
