/** Asks an upstream for its identity, or for the history of its timeline. Arguments: psql, conninfo, command. */
export const TIMELINE_SCRIPT = `case $3 in IDENTIFY_SYSTEM|"TIMELINE_HISTORY "[0-9]*) ;; *) exit 64;; esac
exec "$1" -XAtqw -v ON_ERROR_STOP=1 -d "$2" -c "$3"`
