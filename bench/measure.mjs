import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Runs a command to its end, its output in files. `seconds` is wall-clock, `cpu` what it and its children used here,
 * in seconds; `megabytes` is the largest memory of any single process among them (GNU time's ru_maxrss). `processes` counts
 * processes and threads that were started meanwhile on this machine, the guests' too, by whomever.
 */
export function measure({ argv, env = {}, cwd }, scratch) {
  const [out, err, time] = ['stdout', 'stderr', 'time'].map((name) => join(scratch, name))
  const streams = [openSync(out, 'w'), openSync(err, 'w')]
  const processes = startedSoFar()
  const started = performance.now()
  const ran = spawnSync('/usr/bin/time', ['--quiet', '--format=%U %S %M', `--output=${time}`, ...argv], {
    cwd,
    env: { ...environment(), ...env },
    stdio: ['ignore', ...streams],
  })
  const seconds = (performance.now() - started) / 1000
  streams.forEach(closeSync)
  const [user, system, kilobytes] = readFileSync(time, 'utf8').trim().split(' ').map(Number)
  return {
    status: ran.status,
    stdout: readFileSync(out, 'utf8'),
    stderr: readFileSync(err, 'utf8'),
    seconds,
    cpu: user + system,
    megabytes: kilobytes / 1024,
    processes: startedSoFar() - processes,
  }
}

/** Processes and threads that this machine has started since it booted (proc_stat(5)). */
const startedSoFar = () => Number(/^processes (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))[1])

/** Without what some machines set and which slows every start of Node by itself (docs/decisions/0004-start.md). */
function environment() {
  const { NODE_EXTRA_CA_CERTS, ...others } = process.env
  return { ...others, NO_COLOR: '1' }
}

/** Runs a command that must succeed and is not measured; answers its standard output. */
export function must(argv, { cwd, env = {}, input } = {}) {
  const ran = spawnSync(argv[0], argv.slice(1), {
    cwd,
    input,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (ran.error) throw ran.error
  if (ran.status !== 0)
    throw new Error(`${argv.join(' ')}: exit code ${ran.status}\n${ran.stdout}${ran.stderr}`)
  return ran.stdout
}
