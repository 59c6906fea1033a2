import { version } from '../../version.ts'
import type { ClusterStatus } from '../compare/compare.ts'

/** What `play status` found at one moment; docs/output.md lists the fields. */
export interface StatusReport {
  /** Of play. */
  version: string
  /** UTC, `2027-01-01T00:00:00.000Z` */
  at: string
  /** 0; 2 where there is any finding. */
  exit_code: number
  clusters: ClusterStatus[]
}

export const statusReport = (clusters: ClusterStatus[]): StatusReport => ({
  version,
  at: new Date().toISOString(),
  exit_code: clusters.some(({ findings }) => findings.length > 0) ? 2 : 0,
  clusters,
})

/** Words of play, and numbers, are no secrets: a password that happens to be `primary` or `2` hides neither. */
const KEPT = new Set(['at', 'version', 'state', 'role', 'kind', 'type'])

/** The report with secrets hidden in every name and message. */
export const maskedReport = (report: StatusReport, mask: (text: string) => string): StatusReport =>
  masked(report, mask, '') as StatusReport

/** @param under the key that holds the value: those of `tables` are names themselves */
function masked(value: unknown, mask: (text: string) => string, under: string): unknown {
  if (KEPT.has(under)) return value
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item) => masked(item, mask, under))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) =>
    under === 'tables' ? [mask(key), item] : [key, masked(item, mask, key)],
  )
  return Object.fromEntries(entries)
}
