import type { Setting } from '../settings/catalogue.ts'
import { BadValue, canonical, type Wanted } from '../settings/value.ts'

/** Settings whose higher number lets more in, or keeps more: who relies on that is turned away by a lower one. */
const CAPACITY = new Set([
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_replication_slots',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'max_pred_locks_per_transaction',
  'max_files_per_process',
  'max_logical_replication_workers',
  'max_sync_workers_per_subscription',
  'max_active_replication_origins',
  'max_parallel_workers',
  'autovacuum_max_workers',
  'max_wal_size',
  'max_slot_wal_keep_size',
  'wal_keep_size',
  'shared_buffers',
  'work_mem',
  'maintenance_work_mem',
  'temp_buffers',
  'max_stack_depth',
])
/** Those for which -1 means: as much as there is. */
const UNLIMITED = new Set(['max_slot_wal_keep_size'])
/** Each does what those before it do (Write Ahead Log, 20.5.1). */
const WAL_LEVELS = ['minimal', 'replica', 'logical']

/**
 * How much a value allows, for comparison with another value of the same setting.
 * @returns undefined where the setting is no capacity, or the value is none of it
 */
export function capacityOf(setting: Setting, value: Wanted): number | undefined {
  const name = setting.name.toLowerCase()
  try {
    if (name === 'wal_level') return WAL_LEVELS.indexOf(String(canonical(setting, value)))
    if (!CAPACITY.has(name)) return undefined
    const number = Number(canonical(setting, value))
    return number === -1 && UNLIMITED.has(name) ? Number.POSITIVE_INFINITY : number
  } catch (error) {
    if (error instanceof BadValue) return undefined
    throw error
  }
}

/** Whether `after` allows less than `before`. */
export function isLowered(setting: Setting, before: Wanted | undefined, after: Wanted | undefined): boolean {
  const [had, has] = [before ?? setting.boot, after ?? setting.boot].map((value) =>
    value === undefined ? undefined : capacityOf(setting, value),
  )
  return had !== undefined && has !== undefined && has < had
}
