import * as z from 'zod'
import { defineFact } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { folderPath } from '../../contract/params.ts'

/** What play writes beside each data directory that it backs up: only a folder with this in it is a backup of ours. */
const record = z.object({
  made_by: z.literal('play'),
  /** `vm3:5432` */
  server: z.string(),
  system_identifier: z.string(),
  version: z.string(),
})
export type BackupRecord = z.infer<typeof record>

export interface Backup extends BackupRecord {
  /** Four digits or more. The highest is the newest: unlike a date it does not depend on a clock being right. */
  name: string
  path: string
  /** Seconds since the epoch at which the manifest was complete. */
  finished: number
  /** Why it is a backup no longer: a server was started in it. */
  used?: string
}

export const RECORD = 'backup.json'
/** The folder in which a backup grows. */
export const GROWING = 'in-progress'

export const folderParam = folderPath().meta({
  description:
    'Folder of the backups of one server, and of nothing else. Each becomes a folder of its own in it: 0001, 0002, …',
  example: '/var/backups/postgresql/vm3',
})

export const backupsKey = defineFact<Backup[], [folder: string]>('backups')

export const recordText = (record: BackupRecord): string => `${JSON.stringify(record, null, 2)}\n`

export const nextName = (backups: readonly Pick<Backup, 'name'>[], names: readonly string[] = []): string =>
  String(
    Math.max(0, ...[...backups.map(({ name }) => name), ...names.filter(isName)].map(Number)) + 1,
  ).padStart(4, '0')

export const isName = (name: string): boolean => /^\d{4,9}$/.test(name)

/** The complete backups in a folder that play made, the oldest first, as they will be. */
export const readBackups = (host: HostReader, folder: string): Promise<Backup[]> =>
  host.fact(backupsKey(folder), async () => {
    const names = ((await host.list(folder)) ?? []).filter(isName)
    const found = await Promise.all(names.map((name) => readBackup(host, `${folder}/${name}`, name)))
    return found.filter((one): one is Backup => one !== null).sort((a, b) => Number(a.name) - Number(b.name))
  })

async function readBackup(host: HostReader, path: string, name: string): Promise<Backup | null> {
  const [text, manifest, data] = await Promise.all([
    host.readFile(`${path}/${RECORD}`),
    host.stat(`${path}/data/backup_manifest`),
    host.list(`${path}/data`),
  ])
  const parsed = record.safeParse(parseJson(text?.toString() ?? ''))
  if (!parsed.success || !manifest || !data) return null
  return { ...parsed.data, name, path, finished: manifest.mtime, used: usedBy(data) }
}

/** A server renames backup_label when it starts, and keeps postmaster.pid while it runs. */
function usedBy(data: readonly string[]): string | undefined {
  if (data.includes('postmaster.pid')) return 'a server runs in it, or did when the machine stopped'
  return data.includes('backup_label') ? undefined : 'a server was started in it'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
