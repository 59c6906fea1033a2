import { Refusal } from '../../../contract/errors.ts'
import { type Prediction, predict, withdraw } from '../../../contract/facts.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import type { Contents, State } from '../../../postgres/cluster/inspect.ts'
import { keyOfCluster } from '../../../postgres/cluster/key.ts'
import type { Params } from '../../../postgres/cluster/params.ts'
import { freedKey } from '../../../postgres/cluster/ports.ts'
import { stop } from '../../../postgres/cluster/server.ts'
import { hbaKey } from '../../../postgres/hba/fact.ts'
import { settingsKey } from '../../../postgres/settings/catalogue.ts'

/** @throws {Refusal} where the task does not name what it drops */
export function planAbsent({ cluster, contents }: State, { confirm }: Params): Plan {
  if (!cluster) return { changes: [], steps: [] }
  const name = `${cluster.version}/${cluster.name}`
  if (confirm !== name)
    throw new Refusal(
      confirm === undefined
        ? `dropping cluster ${name} would lose all that is in it, so the task must name it`
        : `the task confirms "${confirm}", and the cluster to drop is ${name}`,
      `Set \`confirm: ${name}\` if that is what you want.`,
      ['what would be lost:', ...contents!.lines.map((line) => `  ${line}`)],
    )
  return {
    changes: [
      { path: `cluster ${name}`, before: contents!.lines.join(', '), after: null, destructive: true },
    ],
    steps: dropSteps(cluster),
    predicts: predictGone(cluster),
    notes: leftBehind(cluster, contents!),
  }
}

/** What the drop cannot reach, on other hosts. */
function leftBehind({ recovery }: Cluster, { subscriptions }: Contents): string[] {
  const slots = 'stay there, and hold WAL back until they are dropped'
  if (recovery) return [`it is a standby: its slots on the primary ${slots}`]
  return subscriptions > 0
    ? [`it has subscriptions (${subscriptions}): their slots on the publishers ${slots}`]
    : []
}

/**
 * pg_dropcluster removes by name what the configuration calls the data directory, and the server's user may write to both: it has
 * his rights. Where he may not remove an emptied data directory, root does, and then the rest.
 */
const dropSteps = ({ version, name, configDir, dataDir, running }: Cluster): Step[] => [
  ...(running ? [stop({ version, name })] : []),
  drop(
    `the drop of cluster ${version}/${name}`,
    'pg_dropcluster --stop "$1" "$2"; code=$?; [ "$code" = 0 ] || { [ -d "$3" ] && [ -z "$(ls -A -- "$3")" ]; } || exit "$code"',
    [version, name, dataDir],
  ),
  {
    do: 'exec',
    title: `the removal of ${dataDir}`,
    // Empty it is, or no business of root's: its name is the server's user's word. What is mounted there stays.
    argv: ['sh', '-c', '[ ! -d "$1" ] || rmdir -- "$1" || mountpoint -q -- "$1"', 'sh', dataDir],
  },
  drop(
    `the drop of what is left of cluster ${version}/${name}`,
    '[ ! -e "$3" ] || pg_dropcluster "$1" "$2"',
    [version, name, `${configDir}/postgresql.conf`],
  ),
  // pg_dropcluster leaves conf.d where it is not empty, and the next cluster of the name would obey it.
  { do: 'remove', path: configDir },
  {
    do: 'exec',
    title: 'systemd and apt are told that it is gone',
    argv: ['sh', '-c', TELL, 'sh', `${version}-${name}`, '/usr/share/postgresql-common/pg_updateaptconfig'],
  },
]

const drop = (title: string, script: string, words: string[]): Step => ({
  do: 'exec',
  title,
  argv: ['sh', '-c', script, 'sh', ...words],
  as: 'postgres',
  cwd: '/',
  uncut: true,
  env: { LC_ALL: 'C.UTF-8' },
})

/** What pg_dropcluster does as root alone. */
const TELL = `[ "$(id -u)" = 0 ] || exit 0
if [ -d /run/systemd/system ]; then
  systemctl disable "postgresql@$1" 2>/dev/null
  for unit in "pg_receivewal@$1" "pg_basebackup@$1.timer" "pg_dump@$1.timer"; do systemctl disable --now "$unit" 2>/dev/null; done
  systemctl daemon-reload
fi
[ ! -x "$2" ] || "$2"`

function predictGone(cluster: Cluster): Prediction[] {
  const { port, configDir, dataDir } = cluster
  return [
    predict(keyOfCluster(cluster), null),
    predict(freedKey(String(port)), true),
    withdraw(settingsKey(cluster)),
    withdraw(hbaKey(cluster)),
    predict(fileKey(configDir), null),
    predict(fileKey(dataDir), null),
  ]
}
