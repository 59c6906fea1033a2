import { type ReadCommand, readScripts } from '../contract/read-commands.ts'
import { IDENTIFY_SCRIPT } from './replication/identify-script.ts'
import { COMMITS_SCRIPT } from './rewind/commits-script.ts'
import { TIMELINE_SCRIPT } from './rewind/timeline-script.ts'
import { PLANNED_PASSFILE_SCRIPT } from './standby/planned-passfile.ts'
import { PUBLISHER_SCRIPT } from './subscription/publisher-script.ts'

const PSQL = /^\/usr\/lib\/postgresql\/\d+\/bin\/psql$/
const IDENTIFY_ONLY =
  /^(?!(-wXAtq|-d|-c|host=.* replication=true|IDENTIFY_SYSTEM|READ_REPLICATION_SLOT "[a-z0-9_]+")$)/
const SIZE_ONLY =
  /^(?!(-wXAtq|-d|-c|host=.* options='-c search_path=pg_catalog [^']*default_transaction_read_only=on[^']*'.*|select pg_size_pretty\(sum\(pg_database_size\(oid\)\)\) from pg_database)$)/

/** What the library of PostgreSQL runs, for whichever module. */
export const POSTGRES_READS: readonly ReadCommand[] = [
  { program: /^\/usr\/lib\/postgresql\/\d+\/bin\/pg_controldata$/ },
  // psql from a subscriber to its publisher, and from a standby to its upstream
  readScripts(PUBLISHER_SCRIPT, IDENTIFY_SCRIPT, TIMELINE_SCRIPT),
  { ...readScripts(PLANNED_PASSFILE_SCRIPT), wraps: 4 },
  // psql from a standby to its upstream: who are you, is the slot there, how much is there to copy
  { program: PSQL, first: ['-wXAtq'], never: IDENTIFY_ONLY },
  { program: PSQL, first: ['-wXAtq'], never: SIZE_ONLY },
  // whether the server could start: what its user may read and write, and the addresses of the host
  { program: 'test', first: ['-r', '-w'] },
  { program: 'ip', first: ['-o'], needs: ['show'], never: /^(?!(-o|addr|show)$)/ },
  // pg_waldump of the server's own WAL
  readScripts(COMMITS_SCRIPT),
]
