/**
 * For a check, where the passfile is only planned: runs the command with what would be in it. The password comes on
 * standard input and is never in a file that has a name: it is removed before anything is written. libpq takes the open
 * one, which is a plain file that nobody else can read (libpq, 34.16).
 */
export const PLANNED_PASSFILE_SCRIPT = `file=$(mktemp /dev/shm/play.XXXXXX) && exec 3<>"$file" && rm -f -- "$file" && cat >&3 || exit
export PGPASSFILE=/proc/self/fd/3
exec "$@" </dev/null`
