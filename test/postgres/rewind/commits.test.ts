import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atWork } from '../../../modules/postgres/pg-discarded/at-work.ts'
import { waitsAtCommit, waitsFor } from '../../../modules/postgres/pg-lost-writes/synchronous.ts'
import { parseCommits, segmentName } from '../../../postgres/rewind/commits.ts'
import { COMMITS_SCRIPT } from '../../../postgres/rewind/commits-script.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'play-commits-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Lines as pg_waldump 15 writes them; `at` is the last part of the position. */
const record = (rmgr: string, xid: number, at: string, what: string): string =>
  `rmgr: ${rmgr.padEnd(11)} len (rec/tot):     61/    61, tx: ${String(xid).padStart(10)}, lsn: 0/0300${at}, prev PREV, desc: ${what}`
const commit = (xid: number, at: string, more = ''): string =>
  record('Transaction', xid, at, `COMMIT 2026-11-29 01:00:00.${at} UTC${more}`)
const rel = (file: number, block: number): string => `, blkref #0: rel 1663/5/${file} blk ${block}`
const END =
  'pg_waldump: error: error in WAL record at 0/3009990: invalid record length at 0/30099D0: wanted 24, got 0'

function scan(lines: string[], since = '1000', checkpoint = '0900') {
  const program = join(folder, 'pg_waldump')
  // Each names the one before it.
  let before = '0/03000000'
  const chained = lines.map((line) => {
    const whole = line.replace('PREV', before)
    before = /lsn: (\S+),/.exec(whole)?.[1] ?? before
    return whole
  })
  writeFileSync(program, `#!/bin/sh\ncat <<'X'\n${chained.join('\n')}\nX\n`)
  chmodSync(program, 0o755)
  const digits = (at: string) => `000000000300${at}`
  const argv = [
    '-c',
    COMMITS_SCRIPT,
    'sh',
    program,
    '/wal',
    '0/3000900',
    'first',
    'last',
    digits(since),
    digits(checkpoint),
  ]
  return parseCommits(spawnSync('sh', argv, { encoding: 'utf8' }).stdout)
}
const CHECKPOINT = record('XLOG', 0, '0900', 'CHECKPOINT_ONLINE redo 0/30008F8')

describe('the commits behind a position', () => {
  it('are those of own clients, with what they changed where; publishers, upkeep and aborts are apart', () => {
    const found = scan([
      CHECKPOINT,
      record('Heap', 10, '0910', `INSERT off 1 flags 0x08${rel(16384, 0)}`),
      commit(10, '0920'),
      record('Heap', 11, '1010', `INSERT+INIT off 1 flags 0x08${rel(16384, 7)}`),
      record('Heap', 11, '1020', `HOT_UPDATE off 1 xmax 11 flags 0x10 ; new off 3 xmax 0${rel(16384, 7)}`),
      record('Btree', 11, '1025', `INSERT_LEAF off 1${rel(16390, 1)}`),
      commit(11, '1030'),
      record('Heap2', 13, '1040', `MULTI_INSERT 40 tuples flags 0x0A${rel(16384, 8)}`),
      record('Heap2', 13, '1041', `MULTI_INSERT+INIT ntuples: 2, flags: 0x0A${rel(16384, 9)}`),
      record('Heap', 13, '1042', `DELETE off 2 flags 0x04 KEYS_UPDATED ${rel(16385, 3)}`),
      commit(12, '1050', '; subxacts: 13; inval msgs: catcache 55'),
      record('Heap', 14, '1060', `INSERT off 1 flags 0x08${rel(16384, 9)}`),
      commit(14, '1070', '; origin: node 1, lsn 0/1A2B3C, at 2026-11-29 01:00:00.1 UTC'),
      record('Heap', 15, '1080', `INSERT off 1 flags 0x08${rel(16384, 9)}`),
      record('Transaction', 15, '1081', 'ABORT 2026-11-29 01:00:00.2 UTC'),
      record('Heap', 16, '1090', `INSERT off 20 flags 0x01${rel(2619, 17)} FPW`),
      commit(16, '1091'),
      record('Storage', 17, '1092', 'TRUNCATE base/5/16384 to 3 blocks flags 7'),
      commit(17, '1093'),
      record('Sequence', 18, '1094', 'LOG rel 1663/5/16999'),
      commit(18, '1095'),
      record('Heap', 19, '1096', 'TRUNCATE nrelids 1 relids 16406'),
      record('Transaction', 0, '1097', 'COMMIT_PREPARED 19: 2026-11-29 01:00:01.5 UTC').replace(
        'tx:          0',
        'tx:         19',
      ),
      END,
    ])
    expect(found).toEqual({
      own: 4,
      first: '2026-11-29 01:00:00.1030 UTC',
      last: '2026-11-29 01:00:01.5 UTC',
      replicated: 1,
      xids: ['11', '12', '13', '18', '19'],
      files: [
        { file: '1663/5/16384', inserted: 43, updated: 1, deleted: 0, blocks: [7, 8, 9] },
        { file: '1663/5/16385', inserted: 0, updated: 0, deleted: 1, blocks: [] },
      ],
      truncated: 1,
      end: { lsn: '0/03001097', length: 61 },
    })
  })

  it('count a transaction of which nothing was seen: it may have changed something before', () => {
    expect(scan([CHECKPOINT, commit(9, '1010'), END])).toMatchObject({ own: 1, files: [] })
  })

  it('are none where nothing was written since', () => {
    expect(scan([CHECKPOINT, commit(9, '0950'), END])).toMatchObject({ own: 0, first: null, replicated: 0 })
  })

  it('cannot be told where the latest checkpoint was not met: WAL is missing', () => {
    const missing =
      'pg_waldump: error: could not find file "000000010000000000000003": No such file or directory'
    expect(scan([missing])).toEqual({ unknown: missing })
    expect(scan([commit(9, '0950')])).toEqual({ unknown: 'pg_waldump says nothing' })
  })
})

it('names the WAL file of a position as pg_walfile_name does', () => {
  const MB = 1024 * 1024
  expect(segmentName(1, '0/3000148', 16 * MB)).toBe('000000010000000000000003')
  expect(segmentName(17, 'A/FF000028', 16 * MB)).toBe('000000110000000A000000FF')
  expect(segmentName(2, '1/40000000', 64 * MB)).toBe('000000020000000100000010')
})

describe('what is at work on a data directory', () => {
  const DATA = '/var/lib/postgresql/15/main'
  it.each([
    [`/usr/lib/postgresql/15/bin/pg_rewind --target-pgdata ${DATA} --source-server host=vm4`, 'rewinds'],
    [`cp -aL --reflink=auto -- ${DATA} ${DATA}.play-keep/data`, 'copies'],
  ])('is seen: %s', (command, what) => {
    const processes = [
      { pid: 1, parent: 0, command: '/sbin/init' },
      { pid: 12, parent: 1, command },
    ]
    expect(atWork(processes, DATA)).toEqual({ what, pid: 12 })
  })
  it('is not what only speaks of it, or works on another', () => {
    const commands = [
      `sh -c /usr/lib/postgresql/15/bin/pg_rewind --target-pgdata ${DATA} x`,
      `/usr/lib/postgresql/15/bin/pg_rewind --target-pgdata ${DATA}2 x`,
      `cp -a ${DATA} /x`,
    ]
    const processes = commands.map((command, pid) => ({ pid, parent: 1, command }))
    expect(atWork(processes, DATA)).toBeUndefined()
  })
})

describe('synchronous replication', () => {
  it.each([
    ['vm4', true],
    ['"vm4"', true],
    ['FIRST 1 (vm4)', true],
    ['any 2 (vm4, "VM5")', true],
    ['2 (vm4, vm5)', true],
    ['', false],
    ['*', false],
    ['vm5', false],
    ['vm4, vm5', false],
    ['ANY 1 (vm4, vm5)', false],
    ['2 (vm4, *)', false],
  ])('with synchronous_standby_names = %s waits for vm4: %s', (names, waits) => {
    expect(waitsFor('vm4', names)).toBe(waits)
  })
  it('waits at a commit unless synchronous_commit is local or off', () => {
    const values = ['on', 'remote_apply', 'remote_write', 'local', 'OFF', 'false']
    expect(values.map(waitsAtCommit)).toEqual([true, true, true, false, false, false])
  })
})
