import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Change } from '../../../contract/plan.ts'
import type { Subscription } from '../../../postgres/catalog/subscription.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { parseConninfo, showConninfo } from '../../../postgres/conninfo.ts'
import {
  isReachable,
  type Publisher,
  readPublisher,
  type Unreachable,
} from '../../../postgres/subscription/publisher.ts'
import { judgeSuccession, type Succession } from './succession.ts'

/** The server and database that a connection leads to. */
function placeOf(text: string): string {
  const conninfo = parseConninfo(text) ?? {}
  const { host = '', hostaddr = '', port = '5432', dbname = '' } = conninfo
  return [host, hostaddr, port, dbname].join('\n')
}

/** Who answers where it connects to now, if it shall connect to another place; null where it stays. */
export async function readFormer(
  host: HostReader,
  cluster: Cluster,
  has: Subscription,
  wanted: Subscription,
): Promise<Publisher | Unreachable | null> {
  if (placeOf(has.conninfo) === placeOf(wanted.conninfo)) return null
  const conninfo = parseConninfo(has.conninfo)
  // A stored password must not reach a command line.
  if (!conninfo || 'password' in conninfo) return { unreachable: 'its connection holds a password' }
  const question = { slot: has.slot_name ?? '', publications: has.publications, oid: has.oid }
  return readPublisher(host, cluster, conninfo, question)
}

/**
 * How far a subscription is, is a position in its publisher's WAL: of another server that position says nothing, and
 * what lies before it there is never sent. The same server under another address changes nothing.
 * @throws {Refusal} where another server answers, or one that took over and lacks what was applied
 */
export function judgePlace(
  has: Subscription,
  wanted: Subscription,
  name: string,
  publisher: Publisher | Unreachable | null,
  former: Publisher | Unreachable | null,
  succession: Succession | null,
): Pick<Change, 'destructive' | 'reason'> {
  if (former === null) return {}
  const from = shown(has.conninfo)
  const behind = succession ? judgeSuccession(succession, name, shown(wanted.conninfo)) : {}
  if (!isReachable(former) || !isReachable(publisher))
    return {
      destructive: true,
      reason: `nobody can tell whether that is the same server: ${isReachable(former) ? shown(wanted.conninfo) : from} does not answer. Of another one, changes would be left out`,
    }
  if (former.system === publisher.system && former.db === publisher.db) return behind
  throw new Refusal(
    `subscription "${name}" streams from database "${former.db}" of the server with system identifier ${former.system}, and the new connection leads to database "${publisher.db}" of ${publisher.system}`,
    'How far it is says nothing about another server: changes would be left out. Is the address right? To mean it, drop the subscription (`state: absent`) and make it anew; `filled_tables` says what becomes of the rows that are here.',
    [`now: ${from}`, `then: ${shown(wanted.conninfo)}`],
  )
}

const shown = (conninfo: string): string => {
  const parsed = parseConninfo(conninfo)
  return parsed ? showConninfo(parsed) : '(not readable)'
}
