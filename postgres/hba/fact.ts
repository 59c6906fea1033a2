import { defineClusterFact } from '../cluster/facts.ts'

/** What the server says about pg_hba.conf as it is on disk. */
export interface HbaFact {
  /** Lines that it refuses. */
  errors: { line: number; error: string }[] | null
  /** Written after the server last read it. */
  stale: boolean
  loaded_at: string
}

/** Said by whatever has the server read its files anew: a reload, a restart, a start. */
export const filesReadKey = defineClusterFact<true, []>('files-read')

/** The same of pg_ident.conf. */
export const identKey = defineClusterFact<HbaFact | null, []>('ident')
export const hbaKey = defineClusterFact<HbaFact | null, []>('hba')
