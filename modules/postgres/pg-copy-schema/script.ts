/**
 * Copies what all databases share, then what stands on some databases, and what is in them, apart from rows. Each schema in
 * one transaction. Arguments: folder of the programs, socket folder and port of the source, the same of the target, and
 * of each database its name, `schema` or `-`, and SQL that belongs to its schema's transaction. What is there already
 * (roles, databases) gets what the source's has. What goes through the pipes is in no file, on no command line and in no log
 * of the servers; an error is told in one line, without the statement, which may hold a password's secret. Settings
 * that stand on a database or a role do not disturb the sessions that carry them over.
 */
export const COPY_SCHEMA_SCRIPT = `set -euo pipefail
bin=$1 from=(-h "$2" -p "$3") to=(-h "$4" -p "$5")
shift 5
export PGOPTIONS='-c lc_messages=C -c client_min_messages=warning -c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic -c statement_timeout=0 -c default_transaction_read_only=off -c session_preload_libraries='
target() { "$bin/psql" -XqAt -v VERBOSITY=terse -v ON_ERROR_STOP="$1" "\${to[@]}" -d "$2" "\${@:3}"; }
lenient() {
  local said wrong
  said=$(target 0 "$1" 2>&1 >/dev/null) || { printf '%s\\n' "$said" >&2; return 1; }
  wrong=$(grep -E '(ERROR|FATAL|PANIC):' <<<"$said" | grep -vE '(role|tablespace|database) ".*" already exists$') || return 0
  printf '%s\\n' "$wrong" >&2
  return 1
}
archive() { "$bin/pg_dump" "\${from[@]}" --no-password --schema-only -Fc -d "$1"; }
"$bin/pg_dumpall" "\${from[@]}" --no-password --globals-only | lenient template1
# pg_dumpall leaves these out.
"$bin/psql" -XqAt -v ON_ERROR_STOP=1 "\${from[@]}" -w -d template1 -c "
  select format('ALTER ROLE ALL SET %I TO %s;', name, case
    when value = '\\"\\"' then ''''''
    when name in ('search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries') then value
    else quote_literal(value) end)
  from pg_db_role_setting, unnest(setconfig) one,
    lateral (select split_part(one, '=', 1), substr(one, strpos(one, '=') + 1)) parts (name, value)
  where setrole = 0 and setdatabase = 0" | lenient template1
while [ $# -gt 0 ]; do
  entries=$(archive "$1" | "$bin/pg_restore" --create --list | { grep -E '^[0-9]+; [0-9]+ [0-9]+ (ACL|COMMENT|SECURITY LABEL) - DATABASE ' || true; })
  archive "$1" | "$bin/pg_restore" --create --use-list <(printf '%s\\n' "$entries") --file - | lenient template1
  if [ "$2" = schema ]; then
    { "$bin/pg_dump" "\${from[@]}" --no-password --schema-only --no-subscriptions -d "$1"; printf '%s\\n' "$3"; } | target 1 "$1" -1 >/dev/null
  fi
  shift 3
done
`
