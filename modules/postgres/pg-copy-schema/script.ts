/**
 * Copies roles, then a database's schema in one transaction. Arguments: folder of the programs, socket folder and port
 * of the source, the same of the target, database. Roles that are there already stay, and get the source's attributes
 * and passwords. What goes through the pipes is in no file and on no command line.
 */
export const COPY_SCHEMA_SCRIPT = `set -euo pipefail
bin=$1 from=(-h "$2" -p "$3") to=(-h "$4" -p "$5") db=$6
target() { "$bin/psql" -XqAt -v ON_ERROR_STOP="$1" "\${to[@]}" "\${@:2}"; }
roles=$("$bin/pg_dumpall" "\${from[@]}" --no-password --globals-only --no-tablespaces)
printf '%s\\n' "$roles" | { grep '^CREATE ROLE ' || true; } | { target 0 -d postgres 2>&1 || true; } | { grep -v 'already exists' >&2 || true; }
printf '%s\\n' "$roles" | { grep -v '^CREATE ROLE ' || true; } | target 1 -d postgres >/dev/null
"$bin/pg_dump" "\${from[@]}" --no-password --schema-only --no-publications --no-subscriptions -d "$db" |
  target 1 -1 -d "$db" >/dev/null
`
