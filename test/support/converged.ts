import { HOSTS } from './clients.ts'
import { type Expected, leftovers } from './leftovers.ts'
import { named, type Played, play, playJson } from './play.ts'

/** Seconds in which the host's side of a run that is gone has ended, and slots have found their readers again. */
const SETTLED = 40

/** What failed in a run, a line each; empty where it went well. */
export const failures = (played: Played): string[] =>
  played.code === 0
    ? []
    : [
        `exit ${played.code} ${played.stderr}`.trim(),
        ...played.results
          .filter(({ status, ignored }) => !ignored && ['failed', 'unreachable', 'unknown'].includes(status))
          .map(({ host, task, message, error }) =>
            `${host}: ${task}: ${message} ${error?.hint ?? ''} ${error?.details.slice(0, 3).join(' ') ?? ''}`.trim(),
          ),
      ]

/** What the tasks of `debug` said. */
export const messages = ({ results }: Pick<Played, 'results'>): string =>
  results.map(({ result }) => (typeof result?.msg === 'string' ? result.msg : '')).join('\n')

/** Every text that a run showed, for what must be named in it. */
export const saidBy = ({ stdout, stderr }: { stdout: string; stderr: string }): string => stdout + stderr

/**
 * site.yaml has nothing to change, `play status` nothing to tell, and nothing is left of any run on any host.
 * Each line is a fault.
 */
export async function faultsOf(expected: Expected): Promise<string[]> {
  const { inventory, cluster } = expected
  const more = cluster === undefined ? [] : ['-e', `pg_cluster=${cluster}`]
  const site = await playJson(['playbooks/site.yaml', '-i', inventory, ...more])
  const faults = failures(site).map((line) => `site.yaml: ${line}`)
  for (const task of named(site, 'changed')) faults.push(`site.yaml changes ${task}`)
  faults.push(...(await settled(() => statusFaults(inventory, more))))
  // After it: it has processes of its own on the hosts.
  faults.push(...(await settled(() => leftovers(expected).catch((error) => [String(error)]))))
  return faults
}

/** What `play status` tells. */
async function statusFaults(inventory: string, more: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await play(['status', '-i', inventory, '--timeout', '60', ...more])
  if (code === 0) return []
  const told = stdout.split('\n').filter((line) => HOSTS.some((host) => line.includes(` ${host}: `)))
  return [`play status exits ${code}: ${[...told.map((line) => line.trim()), stderr.trim()].join('; ')}`]
}

/** Looks again until there are no faults, or time is over. */
async function settled(look: () => Promise<string[]>): Promise<string[]> {
  const deadline = performance.now() + SETTLED * 1000
  for (;;) {
    const faults = await look()
    if (faults.length === 0 || performance.now() > deadline) return faults
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}
