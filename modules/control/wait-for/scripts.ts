/** Arguments: host, port, `started` or `stopped`, seconds between tries, seconds before the first. Ends when it is so. */
export const WAIT_PORT_SCRIPT = `sleep "$5"
while :; do
  if (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; then open=started; else open=stopped; fi
  test "$open" = "$3" && exit 0
  sleep "$4"
done
`

/** Arguments: path, `present` or `absent`, a regular expression or '', seconds between tries, seconds before the first. */
export const WAIT_FILE_SCRIPT = `sleep "$5"
while :; do
  if test -e "$1" && { test -z "$3" || grep -Eq -e "$3" "$1" 2>/dev/null; }; then there=present; else there=absent; fi
  test "$there" = "$2" && exit 0
  sleep "$4"
done
`
