/** Bytes that are kept of each stream of a job: its beginning and its end. */
const MOST_OF_STREAM = 2 * 1024 * 1024

/** Where jobs are kept: in the home folder of the user that they run as. */
const PLACE = `home=$(getent passwd "$(id -u)" | cut -d: -f6)
jobs=\${home:-$HOME}/.play_async
job=$jobs/$1`

/**
 * Starts a command that goes on by itself: after the connection that started it, and for so many seconds at most.
 * Arguments: job, seconds, the words of the command; its input is that of the script. Jobs that ended more than a day ago are
 * taken away. Prints the folder of the job.
 */
export const START_JOB = `umask 077
${PLACE}
limit=$2
shift 2
lost() {
  echo "the job cannot be kept in $job" >&2
  rm -rf "$job"
  exit 1
}
mkdir -p "$job" || exit 1
for old in "$jobs"/*/rc; do
  test -n "$(find "$old" -mtime +0 2>/dev/null)" && rm -rf "\${old%/rc}"
done
cat >"$job/stdin" || lost
date +%s >"$job/started" || lost
# It has its place before it is needed: the disk may be full by then.
printf '    \\n' >"$job/rc.new" || lost
: >"$job/stdout" || lost
: >"$job/stderr" || lost
setsid sh -c 'job=$1 limit=$2
shift 2
timeout -k 10 "$limit" "$@" <"$job/stdin" >"$job/stdout" 2>"$job/stderr"
printf "%-4s" $? 1<>"$job/rc.new"
mv "$job/rc.new" "$job/rc"' play "$job" "$limit" "$@" </dev/null >/dev/null 2>&1 &
echo "$job"`

/**
 * How a job stands. Argument: job. Prints its folder, then its exit code (\`running\` where it has none, \`lost\` where that could not
 * be written, \`none\` where there is no such job), the seconds it took so far, and both streams in base64, a line each.
 */
export const LOOK_AT_JOB = `${PLACE}
echo "$job"
if ! test -e "$job/started"; then
  echo none
  exit 0
fi
if test -e "$job/rc"; then
  code=$(tr -d " " <"$job/rc")
  echo "\${code:-lost}"
  end=$(stat -c %Y "$job/rc")
else
  echo running
  end=$(date +%s)
fi
started=$(cat "$job/started")
echo $((end - \${started:-$end}))
part() {
  size=$(stat -c %s "$1")
  half=${MOST_OF_STREAM / 2}
  if [ "$size" -gt ${MOST_OF_STREAM} ]; then
    { head -c "$half" "$1"; printf '\\n[%s bytes are left out]\\n' $((size - 2 * half)); tail -c "$half" "$1"; } | base64 -w0
  else
    base64 -w0 "$1"
  fi
  echo
}
part "$job/stdout"
part "$job/stderr"`

export const REMOVE_JOB = `${PLACE}
rm -rf -- "$job"`

export interface Job {
  folder: string
  /** undefined while it runs. */
  code?: number
  seconds: number
  stdout: string
  stderr: string
}

/** What LOOK_AT_JOB printed; null where there is no such job. */
export function readJob(printed: string): Job | null {
  const [folder = '', code = 'none', seconds = '0', stdout = '', stderr = ''] = printed.split('\n')
  if (code === 'none') return null
  const text = (base64: string) => Buffer.from(base64, 'base64').toString()
  const isKnown = /^\d+$/.test(code)
  const said = text(stderr)
  return {
    folder,
    ...(code === 'running' ? {} : { code: isKnown ? Number(code) : NOT_KNOWN }),
    seconds: Number(seconds) || 0,
    stdout: text(stdout),
    stderr:
      isKnown || code === 'running'
        ? said
        : `${said}how it ended is not known: that could not be written to ${folder}`,
  }
}

/** No program ends with it: 255 is the last one. */
const NOT_KNOWN = 256
