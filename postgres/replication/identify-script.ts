/** Asks an upstream who it is and how far it has written. Arguments: psql, conninfo of a replication connection. */
export const IDENTIFY_SCRIPT = 'exec "$1" -XAtqw -v ON_ERROR_STOP=1 -d "$2" -c IDENTIFY_SYSTEM'
