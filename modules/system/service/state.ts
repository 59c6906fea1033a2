import { defineFact } from '../../../contract/facts.ts'

/** What systemd says of a unit. */
export interface ServiceState {
  /** Its own name, where it was asked for by an alias. */
  id: string
  /** Of the unit file: loaded, not-found, masked, bad-setting, error. */
  load: string
  /** active, inactive, failed, activating … */
  active: string
  /** Its program has failed, and systemd is about to start it once more. */
  crashing: boolean
  /** What `systemctl is-enabled` says: enabled, disabled, static, masked, indirect, …; undefined: only the run will know */
  file: string | undefined
  /** Its unit file; empty where there is none, or a mask hides it. */
  path: string
  /** A generator has it start: the links are made anew at each boot, of what the generator reads. */
  byGenerator: boolean
  /** Those that its file names in `Also=`, which are enabled and disabled with it; read where that is asked for. */
  others: ServiceState[]
  /** What adds to that, as systemd has read it. */
  dropIns: string[]
  canReload: boolean
  /** Its files have changed since systemd read them. */
  needReload: boolean
  /** What its file will say, which systemd has not read by then. */
  unread?: { canReload: boolean }
  /** systemd will have read its files anew, and what they say then is not known. */
  mayDiffer: boolean
  /** What a mask that is only planned covers. */
  beneath?: string
  /** Active sockets, timers and the like that start it. */
  triggers: string[]
  notes: string[]
}

export const serviceKey = defineFact<ServiceState, [unit: string]>('service')

/** systemd reads all unit files: what was written before that counts from then on. */
export const unitsReadKey = defineFact<true, []>('units-read')
