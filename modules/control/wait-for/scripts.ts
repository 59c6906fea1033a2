/**
 * Arguments: host, port, `started` or `stopped`, seconds between tries, seconds before the first. Ends when it is so; with 3, and why,
 * where nobody can tell: a name that does not resolve is no closed port.
 */
export const WAIT_PORT_SCRIPT = `sleep "$5"
while :; do
  if (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; then open=started; else open=stopped; fi
  if test "$open" = "$3"; then
    test "$3" = started || getent ahosts "$1" >/dev/null || { echo "the name $1 cannot be resolved" >&2; exit 3; }
    exit 0
  fi
  sleep "$4"
done
`

/**
 * Arguments: path, `present` or `absent`, a regular expression or '', seconds between tries, seconds before the first. Ends when it is
 * so; with 3, and why, where it cannot be seen.
 */
export const WAIT_FILE_SCRIPT = `sleep "$5"
export LC_ALL=C.UTF-8
while :; do
  there=present
  if test -z "$3"; then why=$(stat -L -- "$1" 2>&1 >/dev/null) || there=unseen
  else
    why=$(grep -Eq -e "$3" -- "$1" 2>&1)
    case $? in 0) ;; 1) there=absent ;; *) there=unseen ;; esac
  fi
  if test $there = unseen; then
    case $why in
      *": No such file or directory"|*": Not a directory") there=absent ;;
      *) printf '%s\\n' "$why" >&2; exit 3 ;;
    esac
  fi
  test "$there" = "$2" && exit 0
  sleep "$4"
done
`
