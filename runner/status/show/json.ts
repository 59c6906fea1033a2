import type { Output } from '../../report/output.ts'
import type { StatusReport } from './report.ts'

/** One object a line, for each look. */
export const statusJson =
  (output: Output) =>
  (report: StatusReport): void => {
    const clusters = report.clusters.map(({ wanted, found, findings }) => {
      const { host, version, cluster, ...rest } = wanted
      return {
        host,
        cluster: `${version}/${cluster}`,
        found,
        wanted: { version, ...rest },
        findings: findings.map(({ kind, what, hint }) => ({ kind, message: what, hint })),
      }
    })
    output.write(`${JSON.stringify({ ...report, clusters })}\n`)
  }
