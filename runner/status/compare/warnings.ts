import { quoteIdent } from '../../../contract/quote.ts'
import { duration } from '../../../contract/units.ts'
import type { FoundCluster } from '../look/found.ts'
import type { ServerLook } from '../look/look.ts'
import type { Finding } from './compare.ts'

/** What is wrong whatever the inventory says. */
export function warnings(server: ServerLook, found: FoundCluster): Finding[] {
  const { archiver, standby, publications, collations, recovery } = server
  const all: (Finding | false)[] = [
    standby?.paused === true &&
      warn(
        'replay is paused',
        "A setting that must not be less than its primary's may be (its log says so); else: select pg_wal_replay_resume().",
      ),
    recovery &&
      server.most_workers > 0 &&
      server.subscriptions.some(({ enabled }) => enabled) &&
      warn(
        "once promoted, it would take the slots of its primary's subscriptions",
        'Set max_logical_replication_workers to 0 on it: see standby_signal.',
      ),
    archiver.failing &&
      warn(
        `archiving fails${archiver.segment === null ? '' : ` at ${archiver.segment}`}: nothing was archived${archiver.for === null ? '' : ` for ${duration(archiver.for)}`}`,
        'The log says what archive_command answers. WAL is kept, and the disk fills up, until it succeeds.',
      ),
  ]
  return [
    ...all.filter((one) => one !== false),
    // On a standby they are its primary's, which says so itself.
    ...(found.role === 'standby' ? [] : publications.flatMap(unidentified)),
    ...(found.role === 'standby' ? [] : (server.file_readers ?? []).map(readsFiles)),
    ...collations.map(({ what, made_with, now }) =>
      warn(
        `${what} was made with collation version ${made_with}, and the system now has ${now}`,
        'Its indexes may be in the wrong order: REINDEX them, then ALTER DATABASE … or ALTER COLLATION … REFRESH (COLLATION) VERSION.',
      ),
    ),
  ]
}

const MOST_NAMES = 5

function unidentified({ name, unidentified: tables }: ServerLook['publications'][number]): Finding[] {
  if (tables.length === 0) return []
  const more = tables.length > MOST_NAMES ? ` and ${tables.length - MOST_NAMES} more` : ''
  return [
    warn(
      `publication ${name} holds ${tables.slice(0, MOST_NAMES).join(', ')}${more} without a replica identity: UPDATE and DELETE fail there`,
      'Give each a primary key, or ALTER TABLE … REPLICA IDENTITY FULL.',
    ),
  ]
}

/** What rejoin.yaml gives for as long as pg_rewind runs (playbooks/tasks/file-rights.yaml). */
const readsFiles = (role: string): Finding =>
  warn(
    `the replication role ${role} may read any file of the server`,
    `rejoin.yaml leaves that where it is cut short. If none runs now, run it or site.yaml again, which take it back; or: REVOKE EXECUTE ON FUNCTION ${FILE_FUNCTIONS} FROM ${quoteIdent(role)}`,
  )

const FILE_FUNCTIONS =
  'pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean), pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean)'

const warn = (what: string, hint: string): Finding => ({ kind: 'warning', what, hint })
