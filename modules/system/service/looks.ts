import type { Step } from '../../../contract/plan.ts'

/**
 * A service of the simple kind counts as started before its program has said anything (systemd.service(5)), one whose
 * conditions are not met is passed over with exit code 0, and a program may end by the signal that was to reload it. One of Type=oneshot is
 * to end. NRestarts counts on when a service is started by hand.
 */
const RUNS = `restarts() { systemctl show -p NRestarts -- "$1"; }
before=$(restarts "$1")
sleep 0.2
while IFS== read -r key value; do
  case $key in
    ActiveState) active=$value ;; SubState) sub=$value ;; Type) type=$value ;;
    Result) result=$value ;; StopWhenUnneeded) unneeded=$value ;;
  esac
done <<END
$(systemctl show -p ActiveState,SubState,Type,Result,StopWhenUnneeded -- "$1")
END
case $active in
  active|activating|reloading|refreshing)
    [ "$sub:$result" = auto-restart:success ] && exit 0
    [ "$sub" != auto-restart ] && [ "$(restarts "$1")" = "$before" ] && exit 0
    echo "$1 does not run: its program ends, and systemd starts it again and again" >&2 ;;
  failed) echo "$1 does not run: it has failed" >&2 ;;
  *)
    [ "$type" = oneshot ] || [ "$unneeded" = yes ] && exit 0
    echo "$1 does not run: systemd has passed it over, or its program has ended" >&2 ;;
esac
systemctl status --no-pager --lines 10 -- "$1" >&2
exit 1`

/** @param after 'start' or 'reload' */
export const lookWhetherItRuns = (unit: string, name: string, after: string): Step => ({
  do: 'exec',
  argv: ['sh', '-c', RUNS, 'play', unit],
  title: `the look at ${name} after its ${after}`,
})

/** What /run holds counts until the next boot, and stays where only /etc is spoken of. */
const SETTLED = `now() { systemctl is-enabled -- "$1" 2>/dev/null; }
said=$(now "$2")
case $1:$said in
  disable:*-runtime|unmask:*-runtime) systemctl "$1" --runtime -- "$2" || exit; said=$(now "$2") ;;
esac
case $1:$said in
  enable:enabled|enable:indirect|mask:masked) exit 0 ;;
  enable:*|mask:*|disable:enabled*|unmask:masked*) ;;
  *) exit 0 ;;
esac
echo "after systemctl $1, systemctl is-enabled $2 says '$said'" >&2
exit 1`

/** @param verb of systemctl: enable, disable, mask or unmask */
export const lookWhetherItIsSo = (verb: string, unit: string, name: string): Step => ({
  do: 'exec',
  argv: ['sh', '-c', SETTLED, 'play', verb, unit],
  title: `the look at ${name} after systemctl ${verb}`,
})
