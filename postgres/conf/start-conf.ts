import type { Step } from '../../contract/plan.ts'

/** What start.conf says of a cluster (pg_createcluster(1)). */
export type StartConf = 'auto' | 'manual' | 'disabled'

const STOPPED = '# Stopped by play. Before, this file said: '

/** @param before what it said, of a cluster that is stopped for good */
export const startConfText = (
  value: StartConf,
  before?: StartConf,
): string => `# Automatic startup configuration
#   auto: automatically start the cluster
#   manual: manual startup with pg_ctlcluster/postgresql@.service only
#   disabled: refuse to start cluster
# See pg_createcluster(1) for details. When running from systemd,
# invoke 'systemctl daemon-reload' after editing this file.
${before === undefined ? '' : `${STOPPED}${before}\n`}
${value}
`

/** The word in start.conf; auto where there is none. */
export function readStartConf(text: string | undefined): StartConf {
  const words = (text ?? '').split('\n').map((line) => line.replace(/#.*/, '').trim())
  return (words.find((word) => word !== '') ?? 'auto') as StartConf
}

/** What start.conf said before play stopped the cluster for good, where nobody has changed it since. */
export function startConfBefore(text: string | undefined): StartConf | undefined {
  const line = text?.split('\n').find((one) => one.startsWith(STOPPED))
  return readStartConf(text) === 'manual' ? (line?.slice(STOPPED.length) as StartConf | undefined) : undefined
}

/** Written, and made known to systemd: the links that start clusters at boot are made by a generator. */
export const startConfSteps = (
  { configDir }: Readonly<{ configDir: string }>,
  value: StartConf,
  before?: StartConf,
): Step[] => [
  {
    do: 'write_file',
    path: `${configDir}/start.conf`,
    content: startConfText(value, before),
    owner: 'postgres',
    group: 'postgres',
    mode: '0644',
  },
  { do: 'exec', argv: ['sh', '-c', '[ ! -d /run/systemd/system ] || systemctl daemon-reload'] },
]
