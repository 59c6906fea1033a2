import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { trialSteps } from '../../../../postgres/cluster/trial.ts'
import { StepError } from '../../../../runner/run/step-error.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

describe.skipIf(!VERSION)('the trial before a restart', () => {
  let scratch: Scratch
  let host: Machine
  let conf: string
  let before: string
  const said = async (lines: string, port = scratch.port): Promise<string> => {
    writeFileSync(conf, `${before}${lines}\n`)
    try {
      await host.apply(trialSteps(scratch.cluster, port, undefined))
      return 'it would start'
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      const { command, details, hint } = error.fields
      expect(hint ?? details?.join('\n')).toMatch(/was not touched/)
      return [error.message, command?.stderr, ...(details ?? [])].join('\n')
    }
  }
  beforeAll(async () => {
    scratch = new Scratch('trial')
    host = await Machine.of('vm1', scratch)
    conf = join(scratch.dir, 'data/postgresql.conf')
    before = readFileSync(conf, 'utf8')
  }, 60_000)
  afterEach(() => {
    writeFileSync(conf, before)
    expect(scratch.psql('select 1')).toBe('1')
  })
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it.each([
    ["unix_socket_directories = '/nowhere'", /lock file "\/nowhere/],
    ["listen_addresses = '192.0.2.7'", /could not create any TCP\/IP sockets/],
    ['shared_buffers = 4TB', /could not map anonymous shared memory/],
    ["shared_preload_libraries = 'not_there'", /not_there/],
    ["ssl = on\nssl_cert_file = 'gone.crt'", /gone\.crt/],
    ["logging_collector = on\nlog_directory = '/nowhere/log'", /could not open log file/],
    ["logging_collector = on\nunix_socket_directories = '/nowhere'", /lock file "\/nowhere/],
    ['wal_level = minimal', /max_wal_senders|WAL streaming/],
    ['work_mem = lots', /work_mem/],
    ["hba_file = '/nowhere/pg_hba.conf'", /pg_hba\.conf/],
  ])('refuses %j as a start does, in the words of the server', async (lines, words) => {
    expect(await said(lines)).toMatch(words)
    // The real start, of the same server.
    scratch.stop()
    expect(() => scratch.start()).toThrow()
    writeFileSync(conf, before)
    scratch.start()
    await host.close()
    host = await Machine.of('vm1', scratch)
  })

  it('refuses a folder for the socket that the server may not write to, and a file that it may not read', async () => {
    const folder = join(scratch.dir, 'closed')
    mkdirSync(folder, { mode: 0o755 })
    expect(await said(`unix_socket_directories = '${folder}'`)).toMatch(/Permission denied/)
    const key = join(scratch.dir, 'key.pem')
    writeFileSync(key, 'x')
    chmodSync(key, 0o600)
    expect(await said(`ssl = on\nssl_cert_file = '${key}'`)).toMatch(/Permission denied/)
  })

  it('refuses a port that somebody else has', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    try {
      expect(await said(`port = ${port}`, port)).toMatch(/Address already in use/)
    } finally {
      other.close()
    }
  })

  it('refuses what the replay of a start would end with', async () => {
    scratch.psql(
      "select pg_create_logical_replication_slot('one', 'test_decoding'), pg_create_physical_replication_slot('two', true)",
    )
    try {
      expect(await said('wal_level = replica')).toMatch(/slots need more: one$/m)
      expect(await said('max_replication_slots = 1')).toMatch(
        /max_replication_slots = 1, and 2 .*slots exist/,
      )
    } finally {
      scratch.psql('select pg_drop_replication_slot(slot_name) from pg_replication_slots')
    }
  })

  it.each([
    [''],
    ['max_connections = 50\nlog_min_messages = panic'],
    ["logging_collector = on\nlog_directory = 'log'\nlog_destination = 'csvlog'"],
    ["external_pid_file = '/nowhere/pid'"],
  ])('says nothing of %j, and leaves nothing behind', async (lines) => {
    const there = () =>
      [scratch.dir, '/tmp']
        .flatMap((dir) => readdirSync(dir))
        .filter((name) => /play-start|\.s\.PGSQL/.test(name))
    const sockets = there()
    expect(await said(lines)).toBe('it would start')
    expect(there()).toEqual(sockets)
  })

  it('takes the port that the files name, where the server has another one', async () => {
    expect(await said('port = 57999', 57999)).toBe('it would start')
  })
})
