import {
  defaultOptions,
  OPTION_NAMES,
  OPTION_SINCE,
  type Subscription,
  type SubscriptionOptions,
} from '../../../postgres/catalog/subscription.ts'
import { majorOf, sinceVersion } from '../../../postgres/catalog/version.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { buildConninfo, type Conninfo, parseConninfo, sameConninfo } from '../../../postgres/conninfo.ts'
import { slotNameFor } from '../../../postgres/subscription/slot-name.ts'
import type { SubscriptionParams } from './params.ts'

/** The connection that the task asks for. */
export const wantedConninfo = (params: SubscriptionParams): Conninfo => {
  const given = Object.entries({ dbname: params.db, ...params.connection })
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** The subscription as the task wants it: what it does not speak of stays as it is. */
export function wantedSubscription(
  cluster: Cluster,
  hostName: string,
  has: Subscription | null,
  params: SubscriptionParams,
): Subscription {
  const major = majorOf(cluster)
  const conninfo = wantedConninfo(params)
  const present = has && parseConninfo(has.conninfo)
  return {
    ...(has ?? defaultOptions(major)),
    ...givenOptions(params),
    oid: has?.oid ?? 0,
    owner: params.owner ?? has?.owner ?? 'postgres',
    enabled: params.enabled,
    conninfo: has && present && sameConninfo(present, conninfo) ? has.conninfo : buildConninfo(conninfo),
    slot_name: params.slot_name ?? (has ? has.slot_name : slotNameFor(hostName, params.name)),
    publications: [...new Set(params.publications)].sort((a, b) => (a < b ? -1 : 1)),
    running: params.enabled,
    tables: has?.tables ?? {},
  }
}

function givenOptions(params: SubscriptionParams): Partial<SubscriptionOptions> {
  const given = OPTION_NAMES.filter((option) => params[option] !== undefined)
  return Object.fromEntries(given.map((option) => [option, params[option]]))
}

/** @throws {Refusal} for an option that this server does not have */
export function refuseNewer(cluster: Cluster, params: SubscriptionParams): void {
  for (const option of OPTION_NAMES)
    sinceVersion(cluster, OPTION_SINCE[option], option, params[option] !== undefined)
  sinceVersion(cluster, 16, '`streaming: parallel`', params.streaming === 'parallel')
}

/** Fields that a change is about, as opposed to how it is going. */
export const FIELDS = ['owner', 'enabled', 'conninfo', 'slot_name', 'publications', ...OPTION_NAMES] as const
