import type { HostReader } from '../../contract.ts'
import type { Control } from '../standby/control.ts'

/** The mark of a rewind that has begun, beside the data directory. */
export const rewindMarkOf = (dataDir: string): string => `${dataDir}.play-rewind`

export const readRewindMark = async (host: HostReader, dataDir: string): Promise<string | null> =>
  (await host.readFile(rewindMarkOf(dataDir)))?.toString().trim() ?? null

/** pg_control is written last of all: while it names the old timeline, a rewind that began has not ended. */
export const rewindMarkText = ({ timeline }: Pick<Control, 'timeline'>): string => `timeline ${timeline}`

/** What such a rewind left cannot be trusted. */
export const isCutShort = (mark: string | null, control: Control | null): boolean =>
  mark !== null && control !== null && mark === rewindMarkText(control)
