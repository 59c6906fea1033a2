/**
 * What each SQL session of play's own sets at its start, as `-c` options of a startup message (or PGOPTIONS of a program): they
 * win over what is set for the database, the role and the server (20.1.3 to 20.1.5, order of precedence), and cost no round
 * trip. With them the same statement reads the same, and does the same, whatever a database's owner has set there.
 */
export const STEADY_SETTINGS = [
  // How names and strings of the catalogue are written out, and ours are read.
  ['standard_conforming_strings', 'on'],
  ['quote_all_identifiers', 'off'],
  ['intervalstyle', 'postgres'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
  ['array_nulls', 'on'],
  ['transform_null_equals', 'off'],
  // What the server warns of is read: that a commit is on no standby.
  ['client_min_messages', 'notice'],
  // Who acts: what is made would belong to another role than the one that was foretold.
  ['role', 'none'],
  // Meant for clients: a standby refuses to begin a serializable transaction, and a time limit of theirs is none of a task's.
  ['default_transaction_isolation', 'read\\ committed'],
  ['default_transaction_deferrable', 'off'],
  ['statement_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
]
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ')

/** Unqualified names are of pg_catalog alone: who may create objects may else replace functions (5.9.6). */
export const OWN_NAMES = '-c search_path=pg_catalog'

/** Of a session that changes nothing. Nothing that is read pays for being compiled first: catalogues look dear to the planner. */
export const READ_ONLY = '-c default_transaction_read_only=on -c jit=off'

/** PGOPTIONS of a psql that play starts to read, wherever it connects to. No part of it needs quoting between '…'. */
export const READING_OPTIONS = `${OWN_NAMES} ${STEADY_SETTINGS} ${READ_ONLY}`
