import { type Prediction, predict } from '../../contract/facts.ts'
import type { SqlTarget, Step } from '../../contract/plan.ts'
import { fileKey } from '../../contract/shared-facts.ts'
import { type Cluster, targetOf } from './cluster.ts'
import { keyOfCluster } from './key.ts'

/** Whoever was starting it is gone (killed, in the middle of a boot), and systemd would wait for it for ever. */
const ABANDONED = 'ActiveState=activating ControlPID=0 SubState=start '

/**
 * After a boot systemd may still be starting the server, although it answers already. A stop beneath it would be a failed
 * start in its eyes, and the next start would join that one and fail with it. pg_ctlcluster hands a stop over to systemd
 * only where the unit is active.
 */
const SETTLE = `unit=postgresql@$1-$2.service
if [ "$(systemctl show -p ActiveState,ControlPID,SubState "$unit" 2>/dev/null | sort | tr '\\n' ' ')" = "${ABANDONED}" ]
then systemctl stop "$unit"; fi
tries=0
while [ "$(systemctl is-active "$unit" 2>/dev/null)" = activating ] && [ "$tries" -lt 300 ]
do sleep 0.2; tries=$((tries + 1)); done`

/**
 * Through Debian's pg_ctlcluster, which hands over to systemd where that runs, so that boot, shutdown and
 * `systemctl status` know the server. systemd calls a failed start a success: whether a server answers is looked at
 * here, and what it logged since is the error's text. It must be this cluster's (postmaster.pid has its process and when it
 * started): another one may listen on the same port. One that was started past systemd is stopped first, since systemd
 * would start a second one beside it and leave the first as it is.
 */
const START = `version=$1 cluster=$2 action=$3 socket=$4 port=$5
log=/etc/postgresql/$version/$cluster/log
[ -e "$log" ] || log=/var/log/postgresql/postgresql-$version-$cluster.log
from=$(stat -Lc %s -- "$log" 2>/dev/null || echo 0)
${SETTLE}
# Its folder and log are the server's user's: read with his rights, they show nothing that he could not read.
own=
[ "$(id -u)" != 0 ] || own="setpriv --reuid=postgres --regid=postgres --init-groups --"
data=$(pg_conftool -s "$version" "$cluster" show data_directory 2>/dev/null)
server() { $own sed -n '1p;3p' -- "$data/postmaster.pid" 2>/dev/null | tr '\\n' ' '; }
runs() { pid=$(server); [ -n "$pid" ] && kill -0 "\${pid%% *}" 2>/dev/null; }
was=
if [ "$action" = restart ] && runs; then
  was=$(server)
  if [ "$(systemctl is-active "$unit" 2>/dev/null)" != active ]
  then pg_ctlcluster "$version" "$cluster" stop -m fast && action=start; fi
fi
# Number 9 is what the run holds; without systemd the server is started from here, and would hold it too.
pg_ctlcluster "$version" "$cluster" "$action" 9>&-; code=$?
"/usr/lib/postgresql/$version/bin/pg_isready" -q -h "$socket" -p "$port" -t 5
case $? in
0|1)
  if [ -z "$data" ]; then exit 0
  elif ! runs; then echo "The server does not run: another one answers on port $port. Its log since ($log):" >&2
  elif [ -n "$was" ] && [ "$was" = "$(server)" ]; then echo "The server runs on as it was. Its log since ($log):" >&2
  else exit 0; fi;;
*) echo "The server does not answer on port $port. Its log since ($log):" >&2;;
esac
$own tail -c +$((from + 1)) -- "$log" 2>/dev/null | tail -n 25 >&2
[ "$code" -ne 0 ] || code=1
exit "$code"`

/**
 * Starts or restarts the server and waits until it answers queries. `port` and `socketDir`: those of the files. `hint`: what to
 * do where it does not come up.
 */
export function bringUp(
  action: 'start' | 'restart',
  cluster: Cluster,
  address: { port: number; socketDir: string },
  timeout: number,
  hint?: string,
): Step[] {
  const { version, name } = cluster
  const argv = ['sh', '-c', START, 'sh', version, name, action, address.socketDir, String(address.port)]
  const on: SqlTarget = targetOf({ ...cluster, ...address })
  return [
    {
      do: 'exec',
      title: `the ${action} of cluster ${version}/${name}`,
      argv,
      env: { LC_ALL: 'C.UTF-8' },
      uncut: true,
      hint,
    },
    {
      do: 'wait',
      ready: { on, text: 'select 1' },
      timeout,
      message: `cluster ${version}/${name} was started, but accepts no queries after ${timeout} s`,
    },
  ]
}

const STOP = `${SETTLE}
exec pg_ctlcluster "$1" "$2" stop -m fast`

/** Fast: sessions end, transactions roll back, nothing is lost (pg_ctl(1)). */
export const stop = ({ version, name }: Pick<Cluster, 'version' | 'name'>): Step => ({
  do: 'exec',
  title: `the stop of cluster ${version}/${name}`,
  argv: ['sh', '-c', STOP, 'sh', version, name],
  uncut: true,
  // 2: it has ended by itself meanwhile.
  ok: [0, 2],
  env: { LC_ALL: 'C.UTF-8' },
})

/** What later tasks read of a server that `stop` has stopped. */
export function predictStopped(cluster: Cluster): Prediction[] {
  const { recovery: _, notReady: __, ...stopped } = cluster
  return [
    predict(keyOfCluster(cluster), { ...stopped, running: false, peek: undefined }),
    predict(fileKey(`${cluster.dataDir}/postmaster.pid`), null),
  ]
}
