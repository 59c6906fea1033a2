import { describe, expect, it } from 'vitest'
import { pgSlotModule } from '../../../modules/postgres/pg-slot/index.ts'
import { running } from './clusters.ts'
import { planWith } from './fold-plan.ts'

const PHYSICAL = { type: 'physical', plugin: null, db: null, temporary: false, reserved: true }
const streaming = { ...PHYSICAL, active: true, active_pid: 7, wal_status: 'reserved', retained: 0 }
const host = (slot: Record<string, unknown>) => running({ sql: [['from pg_replication_slots', [slot]]] })
const gone = { version: 15, name: 'vm4', state: 'absent' }

describe('a slot that something streams from', () => {
  it('is not dropped', async () => {
    await expect(planWith(pgSlotModule, await host(streaming), gone)).rejects.toThrow(
      /process 7 streams from it/,
    )
  })
  it('is foretold to go where changes are planned: who streams may be stopped by then', async () => {
    const there = await host(streaming)
    const { plan } = await planWith(pgSlotModule, { ...there, planned: true }, gone)
    expect(plan.changes).toMatchObject([{ path: 'slot vm4', after: null, destructive: true }])
  })
})

it('a physical or lost slot takes no other name', async () => {
  const renaming = { version: 15, name: 'vm5', renamed_from: 'vm4', type: 'logical' }
  const only = (slot: Record<string, unknown>) =>
    running({
      sql: [
        ['slot_name, confirmed_flush_lsn', []],
        ['from pg_replication_slots', [slot]],
      ],
    })
  await expect(planWith(pgSlotModule, await only(streaming), renaming)).rejects.toThrow(/it is physical/)
  const lost = { ...streaming, type: 'logical', wal_status: 'lost' }
  await expect(planWith(pgSlotModule, await only(lost), renaming)).rejects.toThrow(/it is lost/)
})
