import { Refusal } from '../../contract/errors.ts'
import type { Cluster } from '../cluster/cluster.ts'

/** Major version of the server: 15. */
export const majorOf = (cluster: Cluster): number =>
  cluster.serverVersion ? Math.floor(cluster.serverVersion / 10000) : Number.parseInt(cluster.version, 10)

/** @throws {Refusal} where `option` was given, but this server does not know it. */
export function sinceVersion(cluster: Cluster, major: number, option: string, given: boolean): void {
  if (given && majorOf(cluster) < major)
    throw new Refusal(
      `${option} exists from PostgreSQL ${major} on; cluster ${cluster.version}/${cluster.name} is ${majorOf(cluster)}`,
      `Leave ${option} out.`,
    )
}
