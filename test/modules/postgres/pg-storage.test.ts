import { describe, expect, it } from 'vitest'
import { pgStorageModule } from '../../../modules/postgres/pg-storage.ts'
import { ETC, running } from './clusters.ts'
import { planWith } from './fold-plan.ts'

const DATA = '/var/lib/postgresql/15/main'
const why = async (lines: string[], more = {}) => {
  const host = { ...(await running()), reads: { 'sh -c*': `${lines.join('\n')}\n` } }
  return planWith(pgStorageModule, host, { version: 15, ...more }).then(
    ({ plan }) => plan.notes ?? [],
    (error) => error.details,
  )
}

describe('pg_storage', () => {
  it('is content with folders that take writes and have room', async () => {
    expect(await why([`1 1000000 4096 900 1000 ${DATA}`, `1 1000000 4096 900 1000 ${ETC}`])).toEqual([])
  })

  it('names each folder that takes nothing, or too little', async () => {
    expect(
      await why([
        `0 1000000 4096 900 1000 ${DATA}`,
        `1 25600 4096 900 1000 ${DATA}/pg_wal`,
        `1 1000000 4096 3 1000 ${DATA}/pg_tblspc/16 384`,
        `1 1000000 4096 0 0 ${DATA}/pg_tblspc/16385`,
        `1 10 4096 900 1000 ${ETC}`,
      ]),
    ).toEqual([
      `${DATA} cannot be written to: is its file system mounted read-only?`,
      `${DATA}/pg_wal: 100 MiB are free, of 256 MiB that it may need`,
      `${DATA}/pg_tblspc/16 384: 3 inodes are free`,
      `${ETC}: 0 MiB are free, of 1 MiB that it may need`,
    ])
  })

  it('wants as much as it is told to, and goes on where that is said', async () => {
    const line = `1 25600 4096 900 1000 ${DATA}`
    expect(await why([line], { min_free: 50 })).toEqual([])
    const told = `${DATA}: 100 MiB are free, of 256 MiB that it may need`
    expect(await why([line], { unproven: 'accept' })).toEqual([told])
  })
})
