import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import { type Publication, publicationKey, readPublication } from '../../../postgres/catalog/publication.ts'
import { requireRole } from '../../../postgres/catalog/role.ts'
import { same } from '../../../postgres/catalog/same.ts'
import { readSubscribers } from '../../../postgres/catalog/slot.ts'
import { sinceVersion } from '../../../postgres/catalog/version.ts'
import { type Cluster, requireDatabase, requirePrimary, targetOf } from '../../../postgres/cluster/cluster.ts'
import { type PublicationParams, publicationParams } from './params.ts'
import { lostByOption, lostObjects, takenFrom } from './shrinks.ts'
import { createStatement, OPTIONS, objectNames, optionText, setObjects } from './statements.ts'
import { refuseUnpublishable, wantedPublication } from './wanted.ts'

interface State {
  cluster: Cluster
  has: Publication | null
  /** null: it shall not be. */
  wanted: Publication | null
  /** Slots through which somebody may subscribe to it; only read where it changes. */
  subscribers: string[]
}

export const pgPublicationModule = defineModule<PublicationParams, State>({
  name: 'pg_publication',
  summary: 'Creates, changes and drops publications of logical replication',
  params: publicationParams,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    refuseNewer(cluster, params)
    const database = await requireDatabase(host, cluster, params.db)
    const has = await readPublication(host, cluster, database, params.name)
    const subscribers = () => readSubscribers(host, cluster, params.db)
    if (params.state === 'absent')
      return { cluster, has, wanted: null, subscribers: has ? await subscribers() : [] }
    const wanted = await wantedPublication(host, cluster, database, has, params)
    if (has && has.all_tables !== wanted.all_tables)
      throw new Refusal(
        `publication "${params.name}" is ${has.all_tables ? '' : 'not '}FOR ALL TABLES, which PostgreSQL cannot change in place`,
        `Its subscribers stop while it is away. To mean it, drop it (\`state: absent\`) and create it again, then refresh the subscriptions.`,
      )
    if (!same(has, wanted)) {
      if (wanted.owner !== has?.owner) await requireRole(host, cluster, wanted.owner)
      await refuseUnpublishable(host, cluster, database, wanted)
    }
    const changed = has !== null && !same(has, wanted)
    return { cluster, has, wanted, subscribers: changed ? await subscribers() : [] }
  },
  plan({ cluster, has, wanted, subscribers }, params): Plan {
    const name = quoteIdent(params.name)
    const path = `publication ${params.name}`
    const key = publicationKey(cluster, params.db, params.name)
    const changes: Change[] = []
    const steps: Step[] = []
    const add = (change: Change, text: string): void => {
      changes.push(change)
      steps.push({ do: 'sql', title: path, on: targetOf(cluster, params.db), text })
    }
    /** A change that takes something away from who subscribes is destructive. */
    const judged = (change: Change, lost: readonly string[]): Change => {
      const reason = takenFrom(lost, subscribers)
      return reason === undefined ? change : { ...change, destructive: true, reason }
    }
    if (!wanted) {
      if (has) {
        const before = objectNames(has)
        const drop = { path, before, after: null, destructive: true }
        add(judged(drop, before), `DROP PUBLICATION ${name}`)
      }
    } else if (!has) {
      const { tables: _, schemas: __, all_tables: ___, ...options } = wanted
      const given = OPTIONS.filter((option) => params[option] !== undefined)
      const text = createStatement(
        params.name,
        wanted,
        given.map((option) => optionText(option, wanted)),
      )
      add({ path, before: null, after: { publishes: objectNames(wanted), ...options } }, text)
      if (wanted.owner !== 'postgres')
        steps.push({
          ...(steps[0] as Extract<Step, { do: 'sql' }>),
          text: `ALTER PUBLICATION ${name} OWNER TO ${quoteIdent(wanted.owner)}`,
        })
    } else {
      const before = objectNames(has)
      const after = objectNames(wanted)
      if (!same(before, after))
        add(
          judged({ path: `${path} tables`, before, after }, lostObjects(has, wanted)),
          setObjects(params.name, has, wanted),
        )
      for (const option of OPTIONS)
        if (!same(has[option], wanted[option]))
          add(
            judged(
              { path: `${path} ${option}`, before: has[option], after: wanted[option] },
              lostByOption(option, has, wanted),
            ),
            `ALTER PUBLICATION ${name} SET (${optionText(option, wanted)})`,
          )
      if (has.owner !== wanted.owner)
        add(
          { path: `${path} owner`, before: has.owner, after: wanted.owner },
          `ALTER PUBLICATION ${name} OWNER TO ${quoteIdent(wanted.owner)}`,
        )
    }
    return { changes, steps, predicts: steps.length > 0 ? [predict(key, wanted)] : undefined }
  },
})

function refuseNewer(cluster: Cluster, params: PublicationParams): void {
  const mappings = params.tables?.filter((entry) => typeof entry !== 'string') ?? []
  sinceVersion(
    cluster,
    15,
    'a column list',
    mappings.some((entry) => entry.columns !== undefined),
  )
  sinceVersion(
    cluster,
    15,
    'a row filter',
    mappings.some((entry) => entry.where !== undefined),
  )
  sinceVersion(cluster, 15, 'schemas', params.schemas !== undefined)
  sinceVersion(cluster, 18, 'publish_generated_columns', params.publish_generated_columns !== undefined)
}
