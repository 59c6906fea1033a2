import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { flag, hostPath, list } from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { type Cluster, requireServer } from '../../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { type Comparison, compare, type Record } from './compare.ts'
import { type Contents, contents, readContents } from './inspect.ts'

const params = z.strictObject({
  ...clusterParams,
  databases: list(identifier, { min: 1 })
    .optional()
    .meta({ unset: 'all that take connections', description: 'Which ones to look into.', example: ['app'] }),
  checksums: flag().default(false).meta({
    description:
      'Add a checksum of all rows of each table, in any order. It reads every table whole, as the count does, and costs more.',
  }),
  views: flag().default(true).meta({ description: 'Whether materialized views are looked into, too.' }),
  compare: hostPath().optional().meta({
    unset: 'nothing is compared',
    description:
      'A JSON file on the host with `before` and `after`, the `contents` of two runs of this module. What was the same in both must be the same here; anything else fails.',
    example: '/var/backups/postgresql/vm3/0007/contents.json',
  }),
  same_system: flag().default(true).meta({
    description: 'Whether the system identifiers must be equal, as those of a physical copy are.',
  }),
})
type Params = z.infer<typeof params>

interface State {
  /** null: only planned so far. */
  contents: Contents | null
  comparison?: Comparison
}

/** Counts what a server holds, and compares it with what another held. Changes nothing. */
export const pgContentsModule = defineModule<Params, State>({
  name: 'pg_contents',
  summary: 'Counts the rows of every table, with checksums where asked for, and compares them with a record',
  changesNothing: () => true,
  params,
  async inspect(host: HostReader, given): Promise<State> {
    const cluster = await requireServer(host, given)
    if (isPlanned(cluster)) return { contents: null }
    const [found, record] = await Promise.all([
      readContents(host, cluster, given),
      given.compare === undefined ? undefined : readRecord(host, given.compare, given.databases),
    ])
    return { contents: found, comparison: record && compare(found, record, given.same_system) }
  },
  plan({ contents: found, comparison }): Plan {
    if (!found) return { changes: [], steps: [], notes: ['what is in it will be seen by the run'] }
    if (comparison && comparison.problems.length > 0)
      throw new Refusal(
        `it does not hold what the server held: ${comparison.problems[0]}${
          comparison.problems.length > 1 ? `, and ${comparison.problems.length - 1} more` : ''
        }`,
        undefined,
        comparison.problems,
      )
    const notes = comparison ? [`${comparison.same} tables are as they were`, ...comparison.notes] : []
    return { changes: [], steps: [], notes }
  },
  result: ({ state }) => ({
    contents: state.contents,
    ...(state.comparison ? { same: state.comparison.same, written_meanwhile: state.comparison.notes } : {}),
  }),
})

const isPlanned = ({ fresh, peek, copyOf }: Cluster): boolean => Boolean(fresh || peek || copyOf)

const record = z.object({ before: contents, after: contents })

async function readRecord(
  host: HostReader,
  path: string,
  databases: readonly string[] | undefined,
): Promise<Record> {
  const text = await host.readFile(path)
  if (text === null)
    throw new Refusal(
      `there is no ${path} on ${host.name} to compare with`,
      'It is written when the backup is taken: see playbooks/backup.yaml.',
    )
  let parsed: unknown
  try {
    parsed = JSON.parse(text.toString())
  } catch {
    parsed = undefined
  }
  const found = record.safeParse(parsed)
  if (!found.success)
    throw new Refusal(
      `${path} is no record of contents`,
      'It holds `before` and `after`, each the `contents` of a run of pg_contents.',
    )
  return { before: only(found.data.before, databases), after: only(found.data.after, databases) }
}

const only = (one: Contents, databases: readonly string[] | undefined): Contents =>
  databases === undefined
    ? one
    : {
        ...one,
        databases: Object.fromEntries(Object.entries(one.databases).filter(([db]) => databases.includes(db))),
      }
