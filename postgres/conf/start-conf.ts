import type { Step } from '../../contract/plan.ts'

/** What start.conf says of a cluster (pg_createcluster(1)). */
export type StartConf = 'auto' | 'manual' | 'disabled'

export const startConfText = (value: StartConf): string => `# Automatic startup configuration
#   auto: automatically start the cluster
#   manual: manual startup with pg_ctlcluster/postgresql@.service only
#   disabled: refuse to start cluster
# See pg_createcluster(1) for details. When running from systemd,
# invoke 'systemctl daemon-reload' after editing this file.

${value}
`

/** The word in start.conf; auto where there is none. */
export function readStartConf(text: string | undefined): StartConf {
  const words = (text ?? '').split('\n').map((line) => line.replace(/#.*/, '').trim())
  return (words.find((word) => word !== '') ?? 'auto') as StartConf
}

/** Written, and made known to systemd: the links that start clusters at boot are made by a generator. */
export const startConfSteps = ({ configDir }: Readonly<{ configDir: string }>, value: StartConf): Step[] => [
  {
    do: 'write_file',
    path: `${configDir}/start.conf`,
    content: startConfText(value),
    owner: 'postgres',
    group: 'postgres',
    mode: '0644',
  },
  { do: 'exec', argv: ['sh', '-c', '[ ! -d /run/systemd/system ] || systemctl daemon-reload'] },
]
