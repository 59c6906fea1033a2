import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCommits } from '../../../../postgres/rewind/commits.ts'
import { COMMITS_SCRIPT } from '../../../../postgres/rewind/commits-script.ts'
import { GAP_SCRIPT } from '../../../../postgres/slot/gap-script.ts'
import { Random } from '../../../walk/random.ts'
import { PSQL, Scratch, VERSION } from './scratch.ts'

/** Any role may write a text into the WAL, and pg_waldump prints it as it is. */
describe.skipIf(!VERSION)('texts in the WAL that look like records of it', () => {
  let scratch: Scratch
  const waldump = join(dirname(PSQL), 'pg_waldump')
  const digits = (lsn: string) =>
    lsn
      .split('/')
      .map((half) => half.padStart(8, '0'))
      .join('')
  const script = (...args: string[]) =>
    execFileSync('sh', ['-c', ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    })
  const here = () => scratch.psql('select pg_current_wal_insert_lsn()')
  const segment = (lsn: string) => scratch.psql(`select pg_walfile_name('${lsn}')`)

  beforeAll(() => {
    scratch = new Scratch('forged')
    scratch.psql(
      'create table rows_of_mine (a int); create role intruder login; grant all on rows_of_mine to intruder',
    )
  }, 60_000)
  afterAll(() => scratch?.remove())

  /** What was committed by `work`, told by the script; and whether another changed published rows, by the other. */
  function told(work: () => void) {
    scratch.psql('select pg_switch_wal()')
    scratch.psql('checkpoint')
    const from = here()
    work()
    scratch.psql('checkpoint')
    const checkpoint = scratch.psql('select checkpoint_lsn from pg_control_checkpoint()')
    const to = here()
    scratch.psql('select pg_switch_wal()')
    const wal = join(scratch.cluster.dataDir, 'pg_wal')
    const [first, last] = [segment(from), segment(to)]
    const commits = script(
      COMMITS_SCRIPT,
      'sh',
      waldump,
      wal,
      from,
      first,
      last,
      digits(from),
      digits(checkpoint),
    )
    const file = scratch.psql(
      "select '1663/' || oid || '/' || pg_relation_filenode('rows_of_mine') from pg_database where datname = 'postgres'",
    )
    const gap = script(GAP_SCRIPT, 'sh', waldump, wal, first, last, to, digits(from), digits(to), file)
    return { commits: parseCommits(commits), gap }
  }
  const insert = 'insert into rows_of_mine values (1)'

  it('without one, a commit and its row are told', () => {
    const { commits, gap } = told(() => scratch.psql(insert, 'postgres', 'intruder'))
    expect(commits).toMatchObject({ own: 1, replicated: 0 })
    expect(gap).toMatch(/^lost \d+ \S+ 1 1$/m)
  })

  it('a text of several lines that are no records changes nothing', () => {
    const text = "E'a\\nrmgr: what\\n\\nb'"
    const { commits, gap } = told(() =>
      scratch.psql(
        `begin; ${insert}; select pg_logical_emit_message(true, ${text}, 'x'); commit`,
        'postgres',
        'intruder',
      ),
    )
    expect(commits).toMatchObject({ own: 1, replicated: 0 })
    expect(gap).toMatch(/^lost \d+ \S+ 1 1$/m)
  })

  it('whatever looks like records hides no commit: it is told, or nobody can tell', {
    timeout: 120_000,
  }, () => {
    const random = new Random(20_261_130)
    let refused = 0
    for (let n = 0; n < 12; n += 1) {
      const line = () => {
        const where = random.one(["'FFFF/00000001'", 'here::text', '(here + 8)::text', "'0/0000001'"])
        const before = random.one(["'0/0'", 'here::text', '(here - 8)::text', 'last'])
        const what = random.one([
          'desc: COMMIT 2026-01-01; origin: node 1',
          'desc: TRUNCATE x',
          'desc: COMMIT 2026-01-01 00:00:00.1 UTC',
          'desc: RUNNING_XACTS nextXid 900 latestCompletedXid 899 oldestRunningXid 900',
        ])
        const rmgr = what.includes('RUNNING')
          ? 'Standby'
          : what.includes('TRUNCATE')
            ? 'Storage'
            : 'Transaction'
        return `said := said || E'\\nrmgr: ${rmgr.padEnd(11)} len (rec/tot):     34/    34, tx: ' || lpad(txid_current()::text, 10) || ', lsn: ' || ${where} || ', prev ' || ${before} || ', ${what}'; last := ${where};`
      }
      const lines = Array.from({ length: random.whole(1, 3) }, line).join('\n')
      const { commits, gap } = told(() =>
        scratch.psql(
          `do $$ declare said text := 'a'; here pg_lsn; last text := '0/0'; begin
           ${insert}; here := pg_current_wal_insert_lsn(); ${lines}
           perform pg_logical_emit_message(true, said, 'x'); end $$`,
          'postgres',
          'intruder',
        ),
      )
      if ('unknown' in commits) {
        refused += 1
        expect(commits.unknown).toContain('looks like records')
      } else expect(commits).toMatchObject({ own: 1, replicated: 0 })
      expect(gap).toMatch(/^lost \d+ \S+ 1 1$|^pg_waldump: error: a text/m)
    }
    expect(refused).toBeGreaterThan(4)
  })
})
