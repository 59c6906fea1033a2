import { quoteIdent } from '../../../contract/quote.ts'
import { removeHost } from '../../../postgres/remove-host.ts'
import { judgeSubscription } from '../../../postgres/replication/judge-subscription.ts'
import type { WantedCluster, WantedPublication, WantedSubscription } from '../../topology/wanted.ts'
import type { FoundCluster, FoundSubscription, Surroundings } from '../look/found.ts'
import type { SeenPublication, ServerLook } from '../look/look.ts'
import type { Finding } from './compare.ts'
import { TOOK_OVER, tookOver } from './standby.ts'

const differ = (what: string, hint?: string): Finding => ({ kind: 'difference', what, hint })
const warn = (what: string, hint?: string): Finding => ({ kind: 'warning', what, hint })

export function comparePublications(
  server: ServerLook,
  wanted: WantedCluster,
  { names }: Surroundings,
): Finding[] {
  if (!server.database)
    return [differ(`there is no database ${wanted.database}`, 'Run site.yaml, which makes it.')]
  const again = names.isShorthand ? 'say publishes again' : 'name it in pg_publications'
  const left = server.publications.filter(
    ({ name, tables }) => names.publications.has(name) && tables?.length !== 0,
  )
  const unwanted = (wanted.publications.length === 0 ? left : []).map(({ name, tables }) =>
    differ(
      `publication ${name} holds ${tables?.join(', ') ?? 'all tables'}, and the inventory says that nothing is published`,
      `If nobody subscribes to it any more, remove it with pg_publication: state absent; else ${again}.`,
    ),
  )
  const missing = wanted.publications.flatMap((one) => {
    const { name, tables } = one
    const found = server.publications.find((other) => other.name === name)
    if (!found)
      return differ(
        `publication ${name} is not in database ${wanted.database}`,
        'Run site.yaml, which makes it. What is written until then does not reach its subscribers.',
      )
    if (tables === undefined || found.tables?.join() === tables?.join())
      return [...narrower(found, one), ...lessSent(found, one)]
    return differ(
      `publication ${name} holds ${listed(found.tables)}, not ${listed(tables)}`,
      'See pg_publication.',
    )
  })
  return [...missing, ...unwanted]
}

/** Of a table that both list, rows or columns do not arrive, or more than should. */
function narrower({ narrowed }: SeenPublication, wanted: WantedPublication): Finding[] {
  const say = (tables: readonly string[], what: string) =>
    tables.map((table) =>
      differ(
        `publication ${wanted.name} sends ${what} of ${table}`,
        'Run site.yaml, which sets columns and where as the inventory has them.',
      ),
    )
  const known = (table: string): boolean =>
    wanted.tables === undefined || wanted.tables?.includes(table) === true
  return [
    ...say(
      narrowed.filter((table) => known(table) && !wanted.narrowed.includes(table)).sort(),
      'some rows or columns alone, and the inventory says all,',
    ),
    ...say(
      wanted.narrowed.filter((table) => !narrowed.includes(table)),
      'all rows and columns, and the inventory says some,',
    ),
  ]
}

/** Changes that its subscribers never hear of. */
function lessSent({ name, left_out }: SeenPublication, { publish }: WantedPublication): Finding[] {
  const missing = left_out.filter((one) => publish === undefined || publish.includes(one))
  const extra = (publish ? OPERATIONS : []).filter(
    (one) => !publish!.includes(one) && !left_out.includes(one),
  )
  const what = [
    ...(missing.length > 0 ? [`does not send ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`sends ${extra.join(', ')} too`] : []),
  ]
  if (what.length === 0) return []
  const hint = 'See publish of pg_publication: say in pg_publications which it is to send.'
  return [
    publish
      ? differ(`publication ${name} ${what.join(', and ')}`, hint)
      : warn(`publication ${name} ${what.join(', and ')}: such changes reach no subscriber`, hint),
  ]
}
const OPERATIONS = ['insert', 'update', 'delete', 'truncate']

const listed = (tables: readonly string[] | null): string =>
  tables === null ? 'all tables' : tables.join(', ') || 'no table'

export function compareSubscriptions(
  server: ServerLook,
  wanted: WantedCluster,
  found: FoundCluster,
  around: Surroundings,
): Finding[] {
  const isWanted = ({ name, database }: FoundSubscription): boolean =>
    database === wanted.database && wanted.subscriptions.some((one) => one.name === name)
  return [
    ...wanted.subscriptions.flatMap((one) => compareSubscription(server, wanted, one, found)),
    ...found.subscriptions
      .filter((one) => !isWanted(one))
      .map((one) => unwanted(one, wanted, tookOver(server, wanted, around.servers), around)),
  ]
}

function compareSubscription(
  server: ServerLook,
  { version, cluster, database }: WantedCluster,
  wanted: WantedSubscription,
  { subscriptions }: FoundCluster,
): Finding[] {
  const log = `/var/log/postgresql/postgresql-${version}-${cluster}.log`
  const seen = server.subscriptions.filter((one) => one.database === database)
  const byName = Object.fromEntries(seen.map((one) => [one.name, { ...one, tables: one.tables ?? {} }]))
  const look = { subscriptions: byName, most_workers: server.most_workers }
  const isEmpty = wanted.tables?.length === 0
  const findings = judgeSubscription(wanted.name, look, log, isEmpty).map(({ what, hint }) =>
    differ(what, hint),
  )
  const found = subscriptions.find((one) => one.name === wanted.name && one.database === database)
  if (!found) return findings
  const what = `subscription ${wanted.name}`
  if (found.publisher !== wanted.publisher)
    findings.push(differ(`${what} connects to ${found.publisher ?? 'nobody'}, not to ${wanted.publisher}`))
  if (found.slot !== wanted.slot)
    findings.push(differ(`${what} uses slot ${found.slot ?? 'NONE'}, not ${wanted.slot}`))
  if (found.publications.join() !== wanted.publications.join())
    findings.push(
      differ(`${what} takes ${found.publications.join(', ')}, not ${wanted.publications.join(', ')}`),
    )
  const missing = (wanted.tables ?? []).filter((table) => found.tables && !(table in found.tables))
  if (missing.length > 0)
    findings.push(
      differ(
        `${what} does not bring ${missing.join(', ')}`,
        `Once it is published: ALTER SUBSCRIPTION ${quoteIdent(wanted.name)} REFRESH PUBLICATION`,
      ),
    )
  return findings
}

/** A promoted standby holds those of its old primary: their workers would take that one's slots. */
function unwanted(
  { name, database, publisher, enabled }: FoundSubscription,
  wanted: WantedCluster,
  isSuccessor: boolean,
  { hosts, names }: Surroundings,
): Finding {
  const ident = quoteIdent(name)
  const source = names.publisherIn(name)
  const isGone = source !== null && !hosts.includes(source)
  const remove = isGone ? ` If ${source} was a host that is gone: ${removeHost(source)}` : ''
  const list = names.isShorthand ? 'subscribes_to' : 'pg_subscriptions'
  return differ(
    `subscription ${name} to ${publisher ?? 'nobody'} in database ${database} is not in the inventory${enabled ? '' : '; it is disabled'}`,
    isSuccessor
      ? TOOK_OVER
      : wanted.role === 'standby'
        ? `It is a copy of its old primary's, and would take that one's slot. Fence it: ALTER SUBSCRIPTION ${ident} DISABLE; ALTER SUBSCRIPTION ${ident} SET (slot_name = NONE); then drop it.`
        : `Add it to ${list}, or remove it with pg_subscription: state absent.${remove}`,
  )
}
