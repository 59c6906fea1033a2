/** Asks a server how many bytes it holds, and how many tablespaces. Arguments: psql, conninfo. */
export const SOURCE_SCRIPT = `exec "$1" -XAtqw -v ON_ERROR_STOP=1 -d "$2" -c "select sum(pg_database_size(oid)), (select count(*) from pg_tablespace where oid >= 16384) from pg_database"`
