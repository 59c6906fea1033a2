/** What a contestant's run must have been, or its time means nothing. Each throws an Error that says what it was. */

/** Exit code 0. */
export function succeeded({ status, stdout, stderr }) {
  if (status !== 0) throw new Error(`exit code ${status}\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`)
}

/** play and Ansible: `hosts` hosts, none failed, and on each `ok` tasks at least, `changed` of them (if given). */
export function recap({ hosts, ok = 1, changed }) {
  return (ran) => {
    succeeded(ran)
    const lines = [
      ...ran.stdout.matchAll(/^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/gm),
    ]
    if (lines.length !== hosts) throw new Error(`the recap has ${lines.length} hosts; expected ${hosts}`)
    for (const [line, , okCount, changedCount, unreachable, failed] of lines) {
      const right =
        Number(okCount) >= ok &&
        (changed === undefined || Number(changedCount) === changed) &&
        Number(unreachable) + Number(failed) === 0
      if (!right) throw new Error(`expected ok ≥ ${ok}, changed = ${changed ?? 'any'}, no failures:\n${line}`)
    }
  }
}

/** Scripts: exit code 0, and no line that says `changed: …`. */
export function unchangedByHand(ran) {
  succeeded(ran)
  const found = ran.stdout.match(/^changed: .*/m)
  if (found) throw new Error(`nothing was to change, but: ${found[0]}`)
}

/** Exit code 0 and `count` lines on standard output that match `pattern`. */
export function printed(count, pattern) {
  return (ran) => {
    succeeded(ran)
    const found = ran.stdout.split('\n').filter((line) => pattern.test(line)).length
    if (found !== count)
      throw new Error(`${found} lines match ${pattern}; expected ${count}\n${ran.stdout.slice(0, 2000)}`)
  }
}
