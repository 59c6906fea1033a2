import { describe, expect, it } from 'vitest'
import { pgBackupModule } from '../../../modules/postgres/pg-backup/index.ts'
import type { FakeFile, FakeHostOptions } from '../../support/fake-host.ts'
import { commands, refusalOf } from '../../support/plans.ts'
import { planAgain, planWith } from './fold-plan.ts'

const FOLDER = '/var/backups/postgresql/vm3'
const SYSTEM = '7000000000000000001'
const source = { host: 'vm3', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' }
const args = (more = {}) => ({ version: 15, source, folder: FOLDER, ...more })
const NOW = 1_800_000_000

/** Files of a complete backup. */
const backup = (
  name: string,
  more: { system?: string; record?: string; files?: string[]; age?: number } = {},
) => {
  const { system = SYSTEM, files = ['backup_label'], age = 10_000 } = more
  const record = { made_by: 'play', server: 'vm3:5432', system_identifier: system, version: '15' }
  return {
    [`${FOLDER}/${name}/backup.json`]: more.record ?? JSON.stringify(record),
    [`${FOLDER}/${name}/data/backup_manifest`]: { content: '{}', mtime: NOW - age },
    ...Object.fromEntries(files.map((file) => [`${FOLDER}/${name}/data/${file}`, ''])),
  }
}

interface World {
  files?: Record<string, FakeFile>
  identity?: string | { code: number; stderr: string }
  /** bytes|tablespaces */
  contents?: string | { code: number; stderr: string }
  room?: string
  ps?: string
  planned?: boolean
}
const host = ({
  files,
  identity,
  contents,
  room = '1000000000',
  ps = '',
  planned,
}: World = {}): FakeHostOptions => ({
  files: {
    '/usr/lib/postgresql/15/bin/postgres': '',
    '/var/lib/postgresql/play.pgpass': { content: 'x', mode: '0600' },
    '/var/backups/.keep': '',
    ...files,
  },
  reads: {
    'sh -c exec "$1"*': (argv) =>
      argv[2]!.includes('IDENTIFY_SYSTEM')
        ? (identity ?? `${SYSTEM}|1|0/3000000|\n`)
        : (contents ?? '22000000|0\n'),
    'df *': ` Avail\n${room}\n`,
  },
  ps,
  now: NOW,
  planned,
})
const todo = async (world?: World, more = {}) =>
  (await planWith(pgBackupModule, host(world), args(more))).plan
const refusal = (world: World, more = {}) => refusalOf(todo(world, more))
const removed = (plan: { steps: readonly any[] }) => {
  const growing = `${FOLDER}/in-progress`
  return plan.steps.flatMap((step) =>
    step.do === 'remove' && !step.path.startsWith(growing) ? [step.path.slice(FOLDER.length + 1)] : [],
  )
}

describe('pg_backup', () => {
  it('copies beside, verifies, and gives the name last; it takes no slot that could be left over', async () => {
    const plan = await todo()
    expect(plan.changes).toEqual([{ path: 'backup of vm3:5432', before: null, after: `${FOLDER}/0001` }])
    const growing = `${FOLDER}/in-progress`
    expect(commands(plan)).toEqual([
      'directory /var/backups/postgresql',
      `directory ${FOLDER}`,
      `directory ${growing}`,
      `write_file ${growing}/backup.json`,
      `/usr/lib/postgresql/15/bin/pg_basebackup -D ${growing}/data -d host=vm3 port=5432 user=replicator passfile=/var/lib/postgresql/play.pgpass connect_timeout=10 keepalives_count=3 keepalives_idle=15 keepalives_interval=5 tcp_user_timeout=30000 -X stream --checkpoint=fast --manifest-checksums=SHA256 --label=play --no-password --progress`,
      `/usr/lib/postgresql/15/bin/pg_verifybackup -q ${growing}/data`,
      expect.stringContaining(`exec mv -T -- "$1" "$2" sh ${growing} ${FOLDER}/0001`),
      `sync -- ${FOLDER}`,
    ])
    expect(plan.notes).toEqual(['about 21 MB to copy'])
  })

  it('numbers on, also after a folder that is not its own', async () => {
    const { result } = await planWith(
      pgBackupModule,
      host({ files: { ...backup('0009'), [`${FOLDER}/0011/x`]: '' } }),
      args(),
    )
    expect(result).toMatchObject({ name: '0012', data_dir: `${FOLDER}/0012/data`, removed: [] })
  })

  it('removes what is too many, the oldest first, and only after the new one is in its place', async () => {
    const files = { ...backup('0001'), ...backup('0002'), ...backup('0003') }
    const plan = await todo({ files }, { keep: 2 })
    expect(removed(plan)).toEqual(['0001', '0002'])
    expect(commands(plan).slice(-3)).toEqual([
      `sync -- ${FOLDER}`,
      `remove ${FOLDER}/0001`,
      `remove ${FOLDER}/0002`,
    ])
    expect(plan.changes.slice(1)).toMatchObject([
      { path: `backup ${FOLDER}/0001`, after: null, destructive: true, reason: 'keep is 2' },
      { path: `backup ${FOLDER}/0002`, after: null, destructive: true },
    ])
    expect(removed(await todo({ files }, { keep: 4 }))).toEqual([])
  })

  it('never removes what it did not make, what is incomplete, or what another system left', async () => {
    const files = {
      ...backup('0001', { record: '{"made_by":"somebody"}' }),
      ...backup('0002', { record: 'no json' }),
      [`${FOLDER}/0003/data/PG_VERSION`]: '15\n',
      ...backup('0004', { system: '7000000000000000099' }),
      [`${FOLDER}/photos/x`]: '',
      ...backup('0005'),
    }
    expect(removed(await todo({ files }, { keep: 1 }))).toEqual(['0005'])
  })

  it.each([['postmaster.pid'], ['backup_label.old']])(
    'never removes a backup in which a server was started (%s)',
    async (file) => {
      const left = file === 'postmaster.pid' ? ['backup_label', file] : [file]
      const plan = await todo(
        { files: { ...backup('0001', { files: left }), ...backup('0002') } },
        { keep: 1 },
      )
      expect(removed(plan)).toEqual(['0002'])
      expect(plan.notes!.at(-1)).toContain(`${FOLDER}/0001 is kept: a server`)
    },
  )

  it('does nothing where the newest is young enough, and foretells that it will be', async () => {
    const young = { files: backup('0001', { age: 3000 }) }
    expect(await todo(young, { max_age: 3600 })).toMatchObject({ changes: [], steps: [] })
    expect((await todo(young, { max_age: 1800 })).changes).toHaveLength(1)
    expect((await todo(young)).changes).toHaveLength(1)
    const { result } = await planWith(pgBackupModule, host(young), args({ max_age: 3600 }))
    expect(result).toMatchObject({ name: '0001', path: `${FOLDER}/0001` })
    expect(await planAgain(pgBackupModule, host(), args({ max_age: 3600 }))).toMatchObject({ changes: [] })
  })

  it('foretells the next number and what is gone', async () => {
    const again = await planAgain(pgBackupModule, host({ files: backup('0001') }), args({ keep: 1 }))
    expect(again.changes).toMatchObject([{ after: `${FOLDER}/0003` }, { path: `backup ${FOLDER}/0002` }])
  })

  it('begins anew where a run was interrupted, and ends what that left behind', async () => {
    const growing = `${FOLDER}/in-progress`
    const files = { [`${growing}/backup.json`]: '', [`${growing}/data/PG_VERSION`]: '' }
    expect(commands(await todo({ files }))[0]).toBe(`remove ${growing}`)
    const empty = { [growing]: { type: 'directory' as const } }
    expect(commands(await todo({ files: empty }))[0]).toBe(`remove ${growing}`)
    const line = (parent: number) =>
      ` 22 ${parent} /usr/lib/postgresql/15/bin/pg_basebackup -D ${growing}/data -d x\n`
    expect(commands(await todo({ files, ps: line(1) }))[0]).toMatch(/^pkill -f -- /)
    expect((await refusal({ files, ps: line(40) })).message).toContain('another run copies')
    expect((await refusal({ files: { [`${growing}/x`]: '' } })).message).toContain('in the way')
  })

  it('refuses a server out of reach, one with tablespaces, and a disk that is too small', async () => {
    const down = {
      code: 2,
      stderr: 'psql: error: connection to server at "vm3" failed: Connection refused\n',
    }
    const error = await refusal({ identity: down })
    expect(error.message).toContain('vm3:5432 cannot be reached')
    expect(error.details).toEqual(['connection to server at "vm3" failed: Connection refused'])
    expect((await refusal({ contents: '22000000|2\n' })).message).toContain('tablespaces (2)')
    expect((await refusal({ contents: '5368709120|0\n', room: '1073741824' })).message).toContain(
      'about 5 GB, and 1 GB are free',
    )
    expect((await refusal({}, { version: 12 })).message).toContain('pg_verifybackup came with 13')
  })

  it('copies a server whose size it may not ask for', async () => {
    const plan = await todo({ contents: { code: 2, stderr: 'no pg_hba.conf entry' } })
    expect(plan.changes).toHaveLength(1)
    expect(plan.notes).toEqual([])
  })

  it('believes in a check that a planned server will be there, and removes nothing for it', async () => {
    const world = { identity: { code: 2, stderr: 'refused' }, files: backup('0001'), planned: true }
    const plan = await todo(world, { keep: 1 })
    expect(plan.changes).toHaveLength(1)
  })

  it('never puts a password into a command', async () => {
    const { host: asked } = await planWith(pgBackupModule, host(), args())
    expect(asked.commands.flat().join(' ')).not.toMatch(/password=/)
  })
})
