import type { ClusterStatus } from '../../../modules/postgres/topology/compare.ts'
import { version } from '../../version.ts'

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
