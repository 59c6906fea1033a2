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

const dropSteps = ({ version, name, configDir, running }: Cluster): Step[] => [
  ...(running ? [stop({ version, name })] : []),
  {
    do: 'exec',
    title: `the drop of cluster ${version}/${name}`,
    argv: ['pg_dropcluster', '--stop', version, name],
    uncut: true,
    env: { LC_ALL: 'C.UTF-8' },
  },
  // pg_dropcluster leaves conf.d where it is not empty, and the next cluster of the name would obey it.
  { do: 'remove', path: configDir },
]

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
