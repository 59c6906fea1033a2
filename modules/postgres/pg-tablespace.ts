import { posix } from 'node:path'
import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { predict } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { folderPath } from '../../contract/params.ts'
import type { Plan, Step } from '../../contract/plan.ts'
import { quoteIdent, quoteLiteral } from '../../contract/quote.ts'
import { identifier } from '../../postgres/catalog/names.ts'
import { requireRole } from '../../postgres/catalog/role.ts'
import { type Cluster, clusterRow, requirePrimary, targetOf } from '../../postgres/cluster/cluster.ts'
import { defineClusterFact } from '../../postgres/cluster/facts.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'

const params = z.strictObject({
  ...clusterParams,
  name: identifier
    .refine((name) => !name.startsWith('pg_'), 'PostgreSQL keeps names that begin with pg_ for itself')
    .meta({ description: 'Name of the tablespace.', example: 'fast' }),
  location: folderPath().meta({
    description:
      'Its folder: there already, of the user postgres, and empty. Each standby needs one at the same path before the tablespace is made: without it replay ends its server.',
    example: '/srv/fast',
  }),
  owner: identifier.optional().meta({
    unset: 'left as it is; postgres for a new one',
    description: 'Role that owns it.',
    example: 'app',
  }),
})
type Params = z.infer<typeof params>

interface Tablespace {
  location: string
  owner: string
}
interface State {
  cluster: Cluster
  tablespace: Tablespace | null
}

const TABLESPACE = `select pg_tablespace_location(oid) as location, pg_get_userbyid(spcowner)::text as owner
  from pg_tablespace where spcname = $1`
const tablespaceKey = defineClusterFact<Tablespace | null>('tablespace')

/** Tablespaces (CREATE TABLESPACE, ALTER TABLESPACE … OWNER TO). They are never moved or dropped. */
export const pgTablespaceModule = defineModule<Params, State>({
  name: 'pg_tablespace',
  summary: 'Creates tablespaces, and changes their owner',
  params,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    const key = tablespaceKey(cluster, params.name)
    const tablespace = await clusterRow(host, cluster, key, TABLESPACE, [params.name])
    if (params.owner !== undefined && params.owner !== tablespace?.owner)
      await requireRole(host, cluster, params.owner)
    if (!tablespace) await requireFolder(host, params.location)
    return { cluster, tablespace }
  },
  plan({ cluster, tablespace }, { name, location: said, owner }): Plan {
    // As the server writes it (canonicalize_path).
    const location = posix.normalize(said)
    const path = `tablespace ${name}`
    const key = tablespaceKey(cluster, name)
    const sql = (text: string): Step => ({ do: 'sql', title: path, on: targetOf(cluster), text })
    if (!tablespace) {
      const made = { location, owner: owner ?? 'postgres' }
      const owned = owner === undefined ? '' : ` OWNER ${quoteIdent(owner)}`
      return {
        changes: [{ path, before: null, after: made }],
        steps: [sql(`CREATE TABLESPACE ${quoteIdent(name)}${owned} LOCATION ${quoteLiteral(location)}`)],
        predicts: [predict(key, made)],
      }
    }
    if (tablespace.location !== location)
      throw new Refusal(
        `tablespace ${name} is at ${tablespace.location}, not at ${location}`,
        'PostgreSQL does not move tablespaces: make another one, and move what is in it (ALTER TABLE … SET TABLESPACE).',
      )
    if (owner === undefined || owner === tablespace.owner) return { changes: [], steps: [] }
    return {
      changes: [{ path: `${path} owner`, before: tablespace.owner, after: owner }],
      steps: [sql(`ALTER TABLESPACE ${quoteIdent(name)} OWNER TO ${quoteIdent(owner)}`)],
      predicts: [predict(key, { ...tablespace, owner })],
    }
  },
})

/** @throws {Refusal} */
async function requireFolder(host: HostReader, location: string): Promise<void> {
  const [found, names] = await Promise.all([host.stat(location), host.list(location)])
  const wrong =
    found?.type !== 'directory'
      ? 'is no folder'
      : found.owner !== 'postgres'
        ? `belongs to ${found.owner}, not to postgres`
        : (names ?? []).length > 0
          ? `holds something: ${names!.slice(0, 5).join(', ')}`
          : null
  if (wrong !== null)
    throw new Refusal(
      `${location} on ${host.name} ${wrong}`,
      "Make it first, on each standby too: `file: { path: …, state: directory, owner: postgres, group: postgres, mode: '0700' }`.",
    )
}
