import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { readScripts } from '../../../contract/read-commands.ts'
import { missing } from '../../../postgres/catalog/missing.ts'
import { parseQualified, plainName } from '../../../postgres/catalog/names.ts'
import { requireRole } from '../../../postgres/catalog/role.ts'
import { same } from '../../../postgres/catalog/same.ts'
import {
  readSubscription,
  type Subscription,
  subscriptionKey,
} from '../../../postgres/catalog/subscription.ts'
import { readTable } from '../../../postgres/catalog/table.ts'
import { majorOf } from '../../../postgres/catalog/version.ts'
import {
  type Cluster,
  type Database,
  requireDatabase,
  requirePrimary,
  targetOf,
} from '../../../postgres/cluster/cluster.ts'
import { keyOfCluster } from '../../../postgres/cluster/key.ts'
import { type Conninfo, parseConninfo } from '../../../postgres/conninfo.ts'
import {
  isReachable,
  type Publisher,
  readPublisher,
  tableNames,
  type Unreachable,
} from '../../../postgres/subscription/publisher.ts'
import { slotNameFor } from '../../../postgres/subscription/slot-name.ts'
import { alterSubscription, refuseFixed } from './alter.ts'
import { asPlanned, UNASKED } from './as-planned.ts'
import { claims } from './claims.ts'
import { createStatement, creationChange, ownerStep } from './create.ts'
import { howToJoin } from './how-to-join.ts'
import { compareAndJoin, keepAside } from './join-steps.ts'
import type { Joining } from './joining.ts'
import { judgePublisher } from './judge.ts'
import { type SubscriptionParams, subscriptionParams } from './params.ts'
import { judgePlace, readFormer } from './place.ts'
import { removeSubscription } from './remove.ts'
import { ROWS_SCRIPT } from './rows-script.ts'
import { dropSlot, makeSlot } from './slot-steps.ts'
import { readSuccession, type Succession } from './succession.ts'
import { FIELDS, refuseNewer, wantedConninfo, wantedSubscription } from './wanted.ts'

interface State {
  cluster: Cluster
  has: Subscription | null
  /** null: it shall not be. */
  wanted: Subscription | null
  /** How this host reaches the publisher. */
  conninfo: Conninfo
  /** null: it was not asked. */
  publisher: Publisher | Unreachable | null
  /** Who answers where it connects to now, if it shall connect elsewhere. */
  former: Publisher | Unreachable | null
  /** How far it is, where who answers there took over from that one. */
  succession: Succession | null
  /** How the publisher's other tables join it. */
  joining: Joining
  planned: boolean
  /** The host that subscribes. */
  host: string
}

export const pgSubscriptionModule = defineModule<SubscriptionParams, State>({
  name: 'pg_subscription',
  summary:
    'Creates, changes and drops subscriptions of logical replication, on many hosts at once without deadlock',
  reads: [readScripts(ROWS_SCRIPT)],
  params: subscriptionParams,
  claims,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    refuseNewer(cluster, params)
    const database = await requireDatabase(host, cluster, params.db)
    const has = await readSubscription(host, cluster, database, params.name)
    const planned = host.planned('any')
    if (params.state === 'absent') return inspectRemoval(host, cluster, has, params)
    const wanted = wantedSubscription(cluster, host.name, has, params)
    const conninfo = wantedConninfo(params)
    if (wanted.owner !== has?.owner && params.owner !== undefined)
      await requireRole(host, cluster, wanted.owner)
    const ask =
      !cluster.fresh &&
      !isAnotherYet(host, cluster, conninfo) &&
      (params.refresh === 'always' || !has || isUnsettled(has, wanted, params))
    const question = { slot: wanted.slot_name ?? '', publications: wanted.publications, oid: has?.oid }
    const answer = ask ? await readPublisher(host, cluster, conninfo, question) : null
    const publisher = isReachable(answer) ? asPlanned(host, cluster, conninfo, wanted, answer) : answer
    const former = has && ask ? await readFormer(host, cluster, has, wanted) : null
    const succession =
      has && former ? await readSuccession(host, cluster, params, conninfo, publisher, former) : null
    // Before the rows are looked at: those of another server say nothing.
    if (has) judgePlace(has, wanted, params.name, publisher, former, succession)
    let join: Joining = { copy: params.copy_data, replace: [], compare: [] }
    if (isReachable(publisher)) {
      await refuseWithoutTables(host, cluster, database, publisher)
      if (params.enabled || !has)
        join = await howToJoin(host, { cluster, database, conninfo }, publisher, has, params)
    } else if (!has) {
      const planned = asPlanned(host, cluster, conninfo, wanted, UNASKED)
      await refuseWithoutTables(host, cluster, database, planned)
    }
    return {
      cluster,
      has,
      wanted,
      conninfo,
      publisher,
      former,
      succession,
      joining: join,
      planned,
      host: host.name,
    }
  },
  plan(state, params): Plan {
    const { cluster, has, wanted, conninfo, publisher, former, succession, joining, planned, host } = state
    const sql = (text: string): Step => ({
      do: 'sql',
      title: `subscription ${params.name}`,
      on: targetOf(cluster, params.db),
      text,
    })
    const key = subscriptionKey(cluster, params.db, params.name)
    if (!wanted) {
      if (!has) return { changes: [], steps: [] }
      const drop = (slot: string) => dropSlot(cluster, conninfo, slot)
      return {
        ...removeSubscription(has, params.name, publisher, { sql, dropSlot: drop }),
        predicts: [predict(key, null)],
      }
    }
    const isOurs = wanted.slot_name === slotNameFor(host, params.name)
    if (has) refuseFixed(has, wanted, params, majorOf(cluster))
    const place = has ? judgePlace(has, wanted, params.name, publisher, former, succession) : {}
    const verdict = judgePublisher({ has, wanted, params, publisher, planned, isOurs })
    const { notes } = verdict
    const before = keepAside(cluster, params.db, joining)
    const replaced = joining.replace.map((table) => ({
      path: `rows of ${plainName(table)}`,
      before: 'here',
      after: 'in schema replaced_by_play, and copied anew',
      destructive: true,
    }))
    const join = (text: string): Step =>
      joining.compare.length > 0
        ? compareAndJoin(cluster, params.db, conninfo, joining.compare, text)
        : sql(text)
    const make = (): Step =>
      makeSlot(cluster, conninfo, wanted.slot_name!, {
        twoPhase: wanted.two_phase === true,
        failover: wanted.failover === true,
      })
    const drop = (): Step => dropSlot(cluster, conninfo, wanted.slot_name!)
    const names = isReachable(publisher) ? tableNames(publisher) : Object.keys(wanted.tables)
    const predicted = { ...wanted, tables: Object.fromEntries(names.map((name) => [name, 'r'])) }
    if (has) {
      const how = { name: params.name, copy: joining.copy, place, replaced, before }
      const altered = alterSubscription(has, predicted, how, verdict, {
        sql,
        join,
        makeSlot: make,
        dropSlot: drop,
        workerGone: () => ({
          do: 'wait',
          ready: {
            on: targetOf(cluster, params.db),
            text: `select where not exists (select from pg_stat_subscription where subname = $1 and pid is not null)`,
            values: [params.name],
          },
          timeout: 30,
          message: `the worker of subscription ${params.name} does not end after it was disabled`,
        }),
      })
      return {
        ...altered,
        notes,
        predicts: altered.steps.length > 0 ? [predict(key, predicted)] : undefined,
      }
    }
    const steps: Step[] = []
    if (verdict.slot === 'replace') steps.push(drop())
    if (verdict.slot !== 'keep') steps.push(make())
    steps.push(...before, join(createStatement(wanted, params, joining.copy)))
    if (params.owner !== undefined && params.owner !== 'postgres')
      steps.push(ownerStep(sql, params.name, params.owner))
    const changes = [...replaced, creationChange(wanted, params, joining.copy)]
    return { changes, steps, notes, predicts: [predict(key, predicted)] }
  },
})

/** What answers there now is another cluster: an earlier task of this check plans to give its port to the publisher's. */
function isAnotherYet(host: HostReader, cluster: Cluster, conninfo: Conninfo): boolean {
  if (conninfo.host === undefined) return false
  const planned = host.predictedOn(conninfo.host, keyOfCluster(cluster))
  return planned != null && planned.port !== undefined && String(planned.port) !== (conninfo.port ?? '5432')
}

/** It changes, or does not run as it should. Without a table it may have lost one that was dropped here. */
function isUnsettled(has: Subscription, wanted: Subscription, { tables }: SubscriptionParams): boolean {
  const named = tables && [...new Set(tables.map((name) => plainName(parseQualified(name))))].sort()
  if (named && !same(named, Object.keys(has.tables).sort())) return true
  const states = Object.values(has.tables)
  const isWell = has.running && states.length > 0 && states.every((state) => state === 'r')
  return FIELDS.some((field) => !same(has[field], wanted[field])) || (has.enabled && !isWell)
}

const NONE: Joining = { copy: false, replace: [], compare: [] }

async function inspectRemoval(
  host: HostReader,
  cluster: Cluster,
  has: Subscription | null,
  params: SubscriptionParams,
): Promise<State> {
  const stored = has && parseConninfo(has.conninfo)
  // A stored password must not reach a command line; then only the task's own connection will do.
  const conninfo =
    stored && !('password' in stored) ? stored : params.connection ? wantedConninfo(params) : {}
  const state: State = {
    cluster,
    has,
    wanted: null,
    conninfo,
    publisher: null,
    former: null,
    succession: null,
    joining: NONE,
    planned: host.planned('any'),
    host: host.name,
  }
  if (!has || Object.keys(conninfo).length === 0) return state
  const question = { slot: has.slot_name ?? '', publications: has.publications, oid: has.oid }
  return { ...state, publisher: await readPublisher(host, cluster, conninfo, question) }
}

/**
 * CREATE SUBSCRIPTION and REFRESH fail where a published table is not here, and its rows are never applied where a column
 * is not. @throws {Refusal}
 */
async function refuseWithoutTables(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  publisher: Pick<Publisher, 'tables'>,
): Promise<void> {
  const found = await Promise.all(
    publisher.tables.map(({ schema, table }) => readTable(host, cluster, database, { schema, name: table })),
  )
  const gone = publisher.tables
    .filter((_, index) => !found[index])
    .map(({ schema, table }) => `${schema}.${table}`)
  const narrow = publisher.tables.flatMap(({ schema, table, columns = [] }, index) => {
    const here = found[index]?.columns.map(({ name }) => name)
    const lacking = here ? columns.filter((name) => !here.includes(name)) : []
    return lacking.length > 0 ? [`${schema}.${table} lacks ${lacking.join(', ')}`] : []
  })
  if (gone.length === 0 && narrow.length === 0) return
  const refusal =
    gone.length > 0
      ? new Refusal(
          `the publisher's table(s) ${gone.join(', ')} are not in database "${database.name}" on ${host.name}`,
          'A subscription brings rows, never tables: create them here first, with pg_table.',
        )
      : new Refusal(
          `in database "${database.name}" on ${host.name} ${narrow.join('; ')}: the publisher sends these columns, and no row would be applied`,
          'Add them here first, with `columns` of pg_table, or publish without them.',
        )
  throw missing(host, cluster, database.name, refusal)
}
