import type { Change, Step } from '../../contract/plan.ts'

/** The file with which a server starts as a standby (26.2.2 of the manual). */
export const signalOf = (dataDir: string): string => `${dataDir}/standby.signal`

/** PostgreSQL does not look at what is in it. */
export const writeSignal = (dataDir: string, content = ''): Step => ({
  do: 'write_file',
  path: signalOf(dataDir),
  content,
  owner: 'postgres',
  group: 'postgres',
  mode: '0600',
})

export const signalChange = (dataDir: string, reason: string): Change => ({
  path: signalOf(dataDir),
  before: null,
  after: 'present',
  reason,
})
