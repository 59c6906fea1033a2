import { type Login, startAs } from './become.ts'
import { readAll } from './channel.ts'

/**
 * Ends all that runs below a shell: asked to terminate, and after 2 s killed. The shell itself goes on with its next
 * command, or is killed first, with 'shell', so that it begins no other. This goes over a channel of its own as the
 * same user, since the shell waits for the very command that is to end. The tree is read from /proc, which every host
 * has (procps need not be there), and once more before the kill, for what was started meanwhile.
 */
export async function killTree(
  login: Login,
  as: string | undefined,
  pid: number,
  also?: 'shell',
): Promise<void> {
  const channel = await startAs(login, as, ['/bin/sh', '-c', `shell=${pid} all=${also ?? ''}${KILL}`])
  channel.stdin.end()
  await Promise.all([readAll(channel.stdout), readAll(channel.stderr), channel.exit])
}

const KILL = `
tree() {
  pairs= below=" $shell " found= more=1
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    id=\${stat#/proc/} id=\${id%/stat}
    set -- \${line##*) }
    pairs="$pairs $id:$2"
  done
  while [ "$more" ]; do
    more=
    for pair in $pairs; do
      case $below in *" \${pair%:*} "*) continue ;; esac
      case $below in *" \${pair#*:} "*) below="$below\${pair%:*} " found="$found \${pair%:*}" more=1 ;; esac
    done
  done
}
alive() {
  for id in $found; do
    { read -r line <"/proc/$id/stat"; } 2>/dev/null || continue
    case \${line##*) } in Z*) ;; *) return 0 ;; esac
  done
  return 1
}
tree
if [ "$all" ]; then
  # sudo stops itself where the shell was stopped, and would never see that it ended.
  above=
  { read -r line <"/proc/$shell/stat"; } 2>/dev/null && { set -- \${line##*) }; above=$2; }
  kill -KILL "$shell" 2>/dev/null
  [ "\${above:-1}" -gt 1 ] && kill -CONT "$above" 2>/dev/null
fi
[ "$found" ] || exit 0
kill -TERM $found 2>/dev/null
round=0
while alive && [ $round -lt 20 ]; do sleep 0.1; round=$((round + 1)); done
alive || exit 0
before=$found
tree
kill -KILL $before $found 2>/dev/null
`
