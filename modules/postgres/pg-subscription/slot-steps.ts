import type { ExecStep } from '../../../contract/plan.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { buildConninfo, type Conninfo } from '../../../postgres/conninfo.ts'
import { psqlOf, SERVER_USER } from '../../../postgres/subscription/publisher.ts'

/**
 * Makes the slot on the publisher, from here, over a replication connection, in a statement of its own. Were it made
 * by CREATE SUBSCRIPTION, two servers that subscribe to each other at the same time could wait for each other for ever:
 * each transaction holds its transaction id while the other's slot waits for that to end.
 */
export function makeSlot(
  cluster: Cluster,
  conninfo: Conninfo,
  slot: string,
  { twoPhase = false, failover = false } = {},
): ExecStep {
  const command = `CREATE_REPLICATION_SLOT ${quoteIdent(slot)} LOGICAL pgoutput`
  // The short form is understood by every version; FAILOVER has only the long one, of version 15.
  const options = failover
    ? `(SNAPSHOT 'nothing'${twoPhase ? ', TWO_PHASE' : ''}, FAILOVER)`
    : `NOEXPORT_SNAPSHOT${twoPhase ? ' TWO_PHASE' : ''}`
  const make = onPublisher(cluster, conninfo, `making slot ${slot} on the publisher`, `${command} ${options}`)
  return {
    ...make,
    env: { PGOPTIONS: `-c lock_timeout=${PATIENCE}s` },
    argv: ['sh', '-c', EXPLAIN, 'sh', ...make.argv],
  }
}

/** Seconds that a new slot waits for the transactions that write on the publisher; one that is left open never ends. */
const PATIENCE = 60
const EXPLAIN = `said=$("$@" 2>&1) && exit 0
code=$?
printf '%s\\n' "$said" >&2
case $said in *'lock timeout'*)
  echo "A slot waits for the transactions that write, and one is open on the publisher for more than ${PATIENCE} s." >&2
  echo "There: select pid, usename, state, xact_start, query from pg_stat_activity where backend_xid is not null" >&2;;
esac
exit $code`

/**
 * Waits for whoever still streams from it to go, for a while. Not with WAIT: a session that waits on the publisher outlives the
 * run that began it, and drops the slot whenever that other one goes.
 */
export function dropSlot(cluster: Cluster, conninfo: Conninfo, slot: string): ExecStep {
  const command = `DROP_REPLICATION_SLOT ${quoteIdent(slot)}`
  const drop = onPublisher(cluster, conninfo, `dropping slot ${slot} on the publisher`, command)
  return { ...drop, argv: ['sh', '-c', DROP, 'sh', ...drop.argv, '-v', 'VERBOSITY=verbose'] }
}

/** Seconds that another may still stream from a slot that is to go. */
const LEAVING = 30
/** 55006 is object_in_use: the text is in the server's language. */
const DROP = `tries=0
while :; do
  said=$("$@" 2>&1) && exit 0
  code=$?
  case $said in *' 55006: '*) ;; *) printf '%s\n' "$said" >&2; exit $code;; esac
  tries=$((tries + 1))
  [ $tries -lt ${LEAVING * 2} ] || break
  sleep 0.5
done
printf '%s\n' "$said" | grep -v '^LOCATION' >&2
echo "Somebody else streams from it for more than ${LEAVING} s. There: select pid, usename, client_addr, application_name from pg_stat_replication" >&2
exit $code`

function onPublisher(cluster: Cluster, conninfo: Conninfo, title: string, command: string): ExecStep {
  const connection = buildConninfo({ connect_timeout: '10', ...conninfo, replication: 'database' })
  return {
    do: 'exec',
    title,
    as: SERVER_USER,
    argv: [psqlOf(cluster), '-XAtqw', '-v', 'ON_ERROR_STOP=1', '-d', connection, '-c', command],
  }
}
