import type { HostReader } from '../../contract/host.ts'
import type { StartConf } from '../conf/start-conf.ts'
import type { Control } from '../standby/control.ts'

/** The mark of a rewind that has begun, beside the data directory. */
export const rewindMarkOf = (dataDir: string): string => `${dataDir}.play-rewind`

export const readRewindMark = async (host: HostReader, dataDir: string): Promise<string | null> =>
  (await host.readFile(rewindMarkOf(dataDir)))?.toString().trim() ?? null

/** pg_control is written last of all: while it names the old timeline, a rewind that began has not ended. */
export const rewindMarkText = ({ timeline }: Pick<Control, 'timeline'>): string => `timeline ${timeline}`

/** What such a rewind left cannot be trusted. */
export const isCutShort = (mark: string | null, control: Control | null): boolean =>
  mark !== null && control !== null && mark.split('\n')[0] === rewindMarkText(control)

/** pg_rewind removes the fence with the other files that its source has not: the mark remembers what start.conf said. */
export const startConfLine = (startConf: StartConf): string => `start.conf said ${startConf}\n`
export const startConfIn = (mark: string | null): StartConf | null =>
  (/^start\.conf said (auto|manual|disabled)$/m.exec(mark ?? '')?.[1] as StartConf | undefined) ?? null
