import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { losses } from '../support/accounts.ts'
import { type Arrangement, otherWay } from '../support/arrangement.ts'
import type { Clients } from '../support/clients.ts'
import { failures, faultsOf } from '../support/converged.ts'
import { ask, onGuest } from '../support/guests.ts'
import { FAILOVER, type Operator, REJOIN } from '../support/operator.ts'
import { type Ended, type Started, start } from '../support/started.ts'

export const CHANGING = ['site', 'switchover', 'failover', 'rejoin', 'apply'] as const
export type Changing = (typeof CHANGING)[number]
export const WAYS = ['refused', 'waits'] as const
export type Way = (typeof WAYS)[number]

/** Seconds that the second run waits for the first, and that a row may be on its way. */
const WAIT = 300
const ARRIVES = 60
/** Seconds from one sign of life to the next: hosts take a run for dead after 15. */
const LIFE = 4
const SERVER = 'postgresql@15-main'
const scratch = mkdtempSync(join(tmpdir(), 'play-pairs-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

export interface Bench {
  operator: Operator
  clients: Clients
}

/**
 * One run, and another while it is under way: that one waits for it, or is refused and says why. Afterwards an operator
 * does what is left to do, and everything must be as after one run after the other.
 * @returns what went wrong
 */
export async function pairUp(one: Changing, other: Changing, way: Way, bench: Bench): Promise<string[]> {
  const { operator, clients } = bench
  await operator.tidy().catch(() => {})
  const now = await begin([one, other], operator)
  const first = await argumentsOf(one, now)
  const second = await argumentsOf(other, now)
  const running = start(first)
  await running.begun
  const late = await whileHeld(running, async () => {
    const late = start([...second, ...(way === 'waits' ? ['--wait-for-lock', String(WAIT)] : [])])
    await late.hasAsked
    return late
  })
  const [early, behind] = await Promise.all([running.ended, late.ended])
  operator.said += early.said + behind.said
  const problems = judge(way, early, behind, one === 'apply' ? 'site.yaml' : first[0]!)
  problems.push(...(await settle([one, other], operator)))
  problems.push(...losses(await clients.audit(ARRIVES)))
  problems.push(...(await faultsOf({ ...(await operator.look()), said: operator.said })))
  return problems
}

/**
 * However short a run is, the other asks for the locks while this one has them: it stands still until then, but for the moments in
 * which it tells the hosts that it is alive.
 */
async function whileHeld<T>({ hold, goOn }: Started, work: () => Promise<T>): Promise<T> {
  let moment: NodeJS.Timeout | undefined
  const beat = setInterval(() => {
    goOn()
    moment = setTimeout(hold, 100)
  }, LIFE * 1000)
  hold()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    clearTimeout(moment)
    goOn()
  }
}

/** Something that both can do: a primary that is gone, for a failover; one that came back, for a rejoin. */
async function begin(pair: readonly Changing[], operator: Operator): Promise<Arrangement> {
  const now = await operator.look()
  const { primary, standby, inventory } = now
  // A rule too many, which site.yaml takes away.
  for (const host of ['vm1', 'vm2'])
    await onGuest(host, "echo 'host all nobody 192.0.2.1/32 reject' >> /etc/postgresql/15/main/pg_hba.conf")
  if (pair.includes('rejoin')) {
    await onGuest(primary, `systemctl kill -s KILL ${SERVER}`)
    await operator.mustRun('failover', inventory, '-e', `new_primary=${standby}`, ...FAILOVER)
    await onGuest(primary, `systemctl start ${SERVER} || true`)
    return otherWay(now)
  }
  if (pair.includes('failover')) await onGuest(primary, `systemctl stop ${SERVER}`)
  return now
}

async function argumentsOf(name: Changing, { inventory, standby }: Arrangement): Promise<string[]> {
  const playbook = [`playbooks/${name === 'apply' ? 'site' : name}.yaml`, '-i', inventory]
  if (name === 'site') return playbook
  if (name === 'rejoin') return [...playbook, '-e', `host=${standby}`, ...REJOIN]
  if (name === 'switchover') return [...playbook, '-e', `new_primary=${standby}`]
  if (name === 'failover') return [...playbook, '-e', `new_primary=${standby}`, ...FAILOVER]
  const plan = join(scratch, 'plan.json')
  await start([...playbook, '--check', '--out', plan]).ended
  return ['apply', plan]
}

/** Nothing of the second may happen while the first is under way. */
function judge(way: Way, early: Ended, behind: Ended, name: string): string[] {
  if (way === 'waits')
    return behind.first === undefined || behind.first >= early.at
      ? []
      : [
          `the second did not wait: its first task began ${Math.round(early.at - behind.first)} ms before its recap`,
        ]
  if (behind.first !== undefined)
    return behind.first >= early.at ? [] : ['the second was not refused, and began its tasks']
  const playbook = name.split('/').at(-1)!
  const isTold = /held by/.test(behind.said) && behind.said.includes(playbook)
  return behind.code === 1 && isTold
    ? []
    : [`the second was refused with exit ${behind.code}, and said: ${behind.said.slice(-600)}`]
}

/** What an operator does by the book, whichever of the two came to something. */
async function settle(pair: readonly Changing[], operator: Operator): Promise<string[]> {
  const problems: string[] = []
  let now = await operator.look().catch(() => undefined)
  if (!now) {
    await Promise.all(['vm3', 'vm4'].map((host) => onGuest(host, `systemctl start ${SERVER} || true`)))
    now = await operator.look()
  }
  if (now.rivals && !pair.includes('rejoin')) problems.push('both vm3 and vm4 are primaries')
  const [status] = await ask(now.standby, 'select status from pg_stat_wal_receiver')
  if (status !== 'streaming') {
    const rejoined = failures(await operator.rejoin(now))
    problems.push(...rejoined.map((line) => `rejoin: ${line}`))
  }
  const site = failures(await operator.run('site', now.inventory))
  return [...problems, ...site.map((line) => `site.yaml: ${line}`)]
}

/** Status, check and plan beside a run: they go on, and say whose run it is. @returns what went wrong */
export async function readBeside({ operator }: Bench): Promise<string[]> {
  const { inventory } = await operator.look()
  const site = ['playbooks/site.yaml', '-i', inventory, '--check']
  const readers: Record<string, string[]> = {
    check: site,
    plan: [...site, '--out', join(scratch, 'beside.json')],
    status: ['status', '-i', inventory, '--timeout', '60'],
  }
  const alone = Object.fromEntries(
    await Promise.all(Object.entries(readers).map(async ([name, args]) => [name, await start(args).ended])),
  ) as Record<string, Ended>
  const long = join(scratch, 'long.yaml')
  writeFileSync(
    long,
    '- hosts: all\n  become: true\n  gather_facts: false\n  tasks:\n    - command: sleep 30\n',
  )
  const running = start([long, '-i', inventory])
  await running.begun
  const problems = await Promise.all(
    Object.entries(readers).map(async ([name, args]) => {
      const { code, said } = await start(args).ended
      const faults = code === alone[name]!.code ? [] : [`${name} exits ${code}, alone ${alone[name]!.code}`]
      if (!/under way/.test(said) || !said.includes('long.yaml'))
        faults.push(`${name} does not say whose run is under way: ${said.slice(-300)}`)
      return faults
    }),
  )
  const { code } = await running.ended
  return [...problems.flat(), ...(code === 0 ? [] : [`the run beside them exits ${code}`])]
}
