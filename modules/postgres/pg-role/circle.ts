import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { readRole } from '../../../postgres/catalog/role.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'

/**
 * Memberships must not lead back to where they began (Role Membership, 22.3).
 * @throws {Refusal} where `group` is, over however many roles, a member of the role that is to join it; says over which
 */
export async function refuseCircle(
  host: HostReader,
  cluster: Cluster,
  name: string,
  group: string,
): Promise<void> {
  const ways = new Map<string, string[]>([[group, [group]]])
  for (const [at, way] of ways) {
    if (at === name)
      throw new Refusal(
        name === group
          ? `role "${name}" cannot be a member of itself`
          : `role "${name}" cannot be a member of "${group}": ${way.map((one) => `"${one}"`).join(' is a member of ')}`,
        'Take one of these memberships away first.',
      )
    const role = await readRole(host, cluster, at)
    for (const { role: next } of role?.member_of ?? []) if (!ways.has(next)) ways.set(next, [...way, next])
  }
}
