import { IDENTIFY_SCRIPT } from '../postgres/replication/identify-script.ts'
import { COMMITS_SCRIPT } from '../postgres/rewind/commits-script.ts'
import { TIMELINE_SCRIPT } from '../postgres/rewind/timeline-script.ts'
import { GAP_SCRIPT } from '../postgres/slot/gap-script.ts'
import { PLANNED_PASSFILE_SCRIPT } from '../postgres/standby/planned-passfile.ts'
import { PUBLISHER_SCRIPT } from '../postgres/subscription/publisher-script.ts'
import { WAIT_FILE_SCRIPT, WAIT_PORT_SCRIPT } from './control/wait-for/scripts.ts'
import { APT_PREVIEW_SCRIPT } from './packages/shared/scripts.ts'
import { SOURCE_SCRIPT } from './postgres/pg-backup/source-script.ts'
import { ROWS_SCRIPT } from './postgres/pg-subscription/rows-script.ts'

/** A program that modules may run while they inspect, and how far. Nothing on this list changes the host. */
export interface ReadCommand {
  /** argv[0], whole. */
  program: string | RegExp
  /** argv[1] must be one of these. */
  first?: readonly string[]
  /** One of these words must be among the arguments. */
  needs?: readonly string[]
  /** No argument may match. */
  never?: RegExp
  /** For shells: argv[2], after -c, must be one of these very texts. */
  scripts?: readonly string[]
  /** The arguments after this many hold a command of their own, which must be on the list too. */
  wraps?: number
}

const PSQL = /^\/usr\/lib\/postgresql\/\d+\/bin\/psql$/
const IDENTIFY_ONLY =
  /^(?!(-wXAtq|-d|-c|host=.* replication=true|IDENTIFY_SYSTEM|READ_REPLICATION_SLOT "[a-z0-9_]+")$)/
const SIZE_ONLY =
  /^(?!(-wXAtq|-d|-c|host=.* options='-c default_transaction_read_only=on'.*|select pg_size_pretty\(sum\(pg_database_size\(oid\)\)\) from pg_database)$)/

/** Every read command of check mode. One row each; a program may have several rows, and one that fits is enough. */
export const READ_COMMANDS: readonly ReadCommand[] = [
  // text and files
  { program: 'base64', first: ['-w0'] },
  { program: 'basename' },
  { program: 'cat' },
  { program: 'cmp' },
  { program: 'cut' },
  { program: 'df' },
  { program: 'dirname' },
  { program: 'du' },
  { program: 'find', never: /^-(exec|execdir|ok|okdir|delete|fprint0?|fprintf|fls)$/ },
  { program: 'grep' },
  { program: 'head' },
  { program: 'ls' },
  { program: 'readlink' },
  { program: 'realpath' },
  { program: 'sha256sum' },
  { program: 'b2sum' },
  { program: 'stat' },
  { program: 'tail', never: /^(-f|-F|--follow.*|--retry)$/ },
  { program: 'test' },
  { program: '[' },
  { program: 'true' },
  { program: 'wc' },
  // the system
  { program: 'date', never: /^(-s|--set|[^+-])/ },
  { program: 'findmnt' },
  { program: 'getconf' },
  { program: 'getent' },
  { program: 'hostname', never: /^([^-]|-F|-b|--file|--boot)/ },
  { program: 'id' },
  {
    program: 'ip',
    needs: ['show', 'get'],
    never: /^(add|del|delete|set|flush|change|replace|exec|-b.*|--?batch.*)$/,
  },
  { program: 'nproc' },
  { program: 'pgrep' },
  { program: 'ps' },
  { program: 'sleep', first: ['0.2'] },
  { program: 'ss', never: /^(-K|--kill)$/ },
  {
    program: 'systemctl',
    first: ['show', 'is-active', 'is-enabled', 'is-failed', 'list-units', 'list-unit-files', 'cat'],
  },
  { program: 'timeout', wraps: 2 },
  { program: 'uname' },
  { program: 'bash', first: ['-c'], scripts: [WAIT_PORT_SCRIPT] },
  { program: 'sh', first: ['-c'], scripts: [APT_PREVIEW_SCRIPT, WAIT_FILE_SCRIPT] },
  // psql from a subscriber to its publisher, and from a standby to its upstream
  {
    program: 'sh',
    first: ['-c'],
    scripts: [PUBLISHER_SCRIPT, ROWS_SCRIPT, IDENTIFY_SCRIPT, SOURCE_SCRIPT, TIMELINE_SCRIPT],
  },
  { program: 'sh', first: ['-c'], scripts: [PLANNED_PASSFILE_SCRIPT], wraps: 4 },
  // pg_waldump of the server's own WAL
  { program: 'sh', first: ['-c'], scripts: [GAP_SCRIPT, COMMITS_SCRIPT] },
  // packages
  { program: 'apt-cache', first: ['policy', 'show', 'showpkg', 'madison', 'depends', 'search', 'stats'] },
  { program: 'apt-config', first: ['dump', 'shell'] },
  { program: 'apt-get', needs: ['-s', '--simulate', '--print-uris'] },
  { program: 'apt-get', first: ['indextargets'] },
  { program: 'apt-mark', first: ['showhold', 'showmanual', 'showauto'] },
  {
    program: 'dpkg',
    first: [
      '--compare-versions',
      '--audit',
      '--print-architecture',
      '--print-foreign-architectures',
      '-s',
      '-l',
      '-L',
      '-S',
    ],
  },
  { program: 'dpkg-query', never: /^--(admindir|root)/ },
  // which public key belongs to a private one, which is not printed
  { program: 'openssl', first: ['pkey'], needs: ['-pubout'], never: /^(?!(pkey|-in|-pubout|\/.*)$)/ },
  // PostgreSQL
  { program: 'pg_lsclusters' },
  { program: 'pg_conftool', needs: ['show'], never: /^(set|remove|edit)$/ },
  { program: /^\/usr\/lib\/postgresql\/\d+\/bin\/pg_controldata$/ },
  { program: /^\/usr\/lib\/postgresql\/\d+\/bin\/postgres$/, first: ['--version', '-V', '-C'] },
  { program: /^\/usr\/lib\/postgresql\/\d+\/bin\/pg_ctl$/, first: ['status'] },
  { program: /^\/usr\/lib\/postgresql\/\d+\/bin\/pg_config$/ },
  { program: /^\/usr\/lib\/postgresql\/\d+\/bin\/pg_isready$/ },
  // psql from a standby to its upstream: who are you, is the slot there, how much is there to copy
  { program: PSQL, first: ['-wXAtq'], never: IDENTIFY_ONLY },
  { program: PSQL, first: ['-wXAtq'], never: SIZE_ONLY },
]

/** @throws {Error} where `argv` is no read command: a fault of the module, never of the user. */
export function assertReadCommand(argv: readonly string[]): void {
  const [program, ...args] = argv
  const rows = READ_COMMANDS.filter((row) => matches(row.program, program ?? ''))
  if (rows.length === 0) {
    throw new Error(`'${program ?? ''}' is not on the list of read commands (modules/read-commands.ts)`)
  }
  if (!rows.some((row) => allows(row, args))) {
    throw new Error(
      `the arguments of '${argv.join(' ').slice(0, 200)}' are not those of a read command (modules/read-commands.ts)`,
    )
  }
}

const matches = (wanted: string | RegExp, program: string): boolean =>
  typeof wanted === 'string' ? wanted === program : wanted.test(program)

function allows(row: ReadCommand, args: readonly string[]): boolean {
  if (row.first && !row.first.includes(args[0] ?? '')) return false
  if (row.needs && !row.needs.some((word) => args.includes(word))) return false
  if (row.never && args.some((word) => row.never!.test(word))) return false
  if (row.scripts && !row.scripts.includes(args[1] ?? '')) return false
  if (row.wraps !== undefined) assertReadCommand(args.slice(row.wraps - 1))
  return true
}
