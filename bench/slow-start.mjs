/** ms of processor time that /bin/true takes where programs start slowly: measured on a second machine of users' size. */
const SLOW = 4.1

const FILE = '/etc/ld.so.preload'
const FOLDER = '/usr/lib/x86_64-linux-gnu'

/**
 * In each guest every program links more libraries than it needs, the largest that are there, until /bin/true takes so long:
 * mapping and relocating them is what a slow machine, or one with an agent that looks at each start, spends its time with.
 * @returns how it is done, for the results, and `end`, which takes it away
 */
export function slowStarts(lab, ms = SLOW) {
  const reached = lab.hosts.map(({ name }) => Number(lab.exec(name, slower(ms)).trim()))
  const least = Math.min(...reached)
  if (least < ms) {
    end(lab)
    throw new Error(`/bin/true takes ${least} ms in a guest with all its libraries; expected ${ms}`)
  }
  const most = Math.max(...reached)
  return {
    how: `${least.toFixed(1)} to ${most.toFixed(1)} ms for /bin/true in the guests, by libraries in ${FILE}`,
    end: () => end(lab),
  }
}

const end = ({ hosts, exec }) => {
  for (const { name } of hosts) exec(name, `rm -f ${FILE}`)
}

/** Says how many ms of processor time a start takes at last. Left out: a library that does not load, or takes it too far. */
const slower = (ms) => `set -u
took() { perl -e 'for (1 .. 60) { my $p = fork; if (!$p) { exec "/bin/true" } waitpid $p, 0 } printf "%.2f\\n", ((times)[2] + (times)[3]) * 1000 / 60'; }
below() { perl -e 'exit !($ARGV[0] < $ARGV[1])' "$1" "$2"; }
now=0; list=
for one in $(find ${FOLDER} -maxdepth 1 -type f -name '*.so.*' -size -6M -printf '%s %p\\n' | sort -rn | cut -d' ' -f2); do
  said=$(LD_PRELOAD="$list$one" /bin/true 2>&1) && [ -z "$said" ] || continue
  printf '%s\\n' $list "$one" >${FILE}
  now=$(took)
  below "$now" ${ms * 1.15} || { printf '%s\\n' $list >${FILE}; continue; }
  list="$list$one "
  below "$now" ${ms} || break
done
echo "$now"`
