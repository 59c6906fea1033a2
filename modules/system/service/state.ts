import { defineFact } from '../../../contract/facts.ts'

/** What systemd says of a unit. */
export interface ServiceState {
  /** Of the unit file: loaded, not-found, masked, bad-setting, error. */
  load: string
  /** active, inactive, failed, activating … */
  active: string
  /** enabled, disabled, static, masked, alias, indirect, generated …; undefined: only the run will know */
  file: string | undefined
  canReload: boolean
  needReload: boolean
  /** What its file will say, which systemd has not read by then. */
  unread?: { canReload: boolean }
  /** What a mask that is only planned covers. */
  beneath?: string
  notes: string[]
}

export const serviceKey = defineFact<ServiceState, [unit: string]>('service')
