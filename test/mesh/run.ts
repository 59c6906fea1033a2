import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inventory, network, type Played, playJson, root } from '../support/play.ts'

/**
 * Do servers that all subscribe to each other at the same time ever wait for each other? Ten clusters on the lab's four
 * hosts, each an inventory host of its own; 90 subscriptions are made in parallel, a row of each must arrive at all
 * others, and all are removed again, slots and all.
 */
const HELP = `npm run check-mesh -- [--repeats NUMBER] [--keep]
  --repeats NUMBER   how often (default 20)
  --keep             leave the ten clusters there
The lab must be up. PLAY_LAB_NAME and so on choose another one, as for lab/lab.
`
const { values: asked } = parseArgs({
  options: {
    repeats: { type: 'string', default: '20' },
    keep: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
const SERVERS = 10
const GUESTS = 4
/** Seconds; a slot that waits for another's transaction would wait for ever. */
const PATIENCE = 120
const say = (line: string) => process.stdout.write(`${line}\n`)
const scratch = mkdtempSync(join(tmpdir(), 'play-mesh-'))

async function main(): Promise<void> {
  if (asked.help) return void process.stdout.write(HELP)
  writeInventory()
  const packages = ['playbooks/site.yaml', '-i', inventory, '--tags', 'prepare,packages']
  const bad = [...failures(await playJson(packages)), ...(await mesh('servers'))]
  if (bad.length > 0) throw new Error(`no servers to begin with:\n${bad.join('\n')}`)
  let well = 0
  const repeats = Number(asked.repeats)
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const started = performance.now()
    const problems = await mesh('subscribe', repeat)
    const made = Math.round((performance.now() - started) / 100) / 10
    problems.push(...(await mesh('remove', repeat)))
    say(
      `${problems.length > 0 ? 'BAD ' : 'ok  '} ${repeat}: ${SERVERS * (SERVERS - 1)} subscriptions made and proven in ${made} s`,
    )
    for (const problem of problems) say(`       ${problem}`)
    if (problems.length === 0) well += 1
  }
  if (!asked.keep) await mesh('drop')
  say(`${well} of ${repeats} repeats without a deadlock, a missing row or a slot left over`)
  process.exitCode = well === repeats && repeats > 0 ? 0 : 1
}

/** m1 to m10, in turn on the lab's hosts; how to log in is the lab's. */
function writeInventory(): void {
  const names = Array.from({ length: SERVERS }, (_, index) => `m${index + 1}`)
  const hosts = names.map((name, index) => {
    const others = names.filter((other) => other !== name).join(', ')
    const address = `${network}.${11 + (index % GUESTS)}`
    return `    ${name}: { ansible_host: ${address}, pg_cluster: ${name}, pg_port: ${5501 + index}, others: [${others}] }`
  })
  writeFileSync(join(scratch, 'hosts.yaml'), `all:\n  hosts:\n${hosts.join('\n')}\n`)
  const vars = readFileSync(join(inventory, 'group_vars/all.yaml'), 'utf8')
  mkdirSync(join(scratch, 'group_vars'))
  writeFileSync(join(scratch, 'group_vars/all.yaml'), vars.replaceAll('{{ inventory_dir }}', inventory))
}

async function mesh(playbook: string, repeat = 0): Promise<string[]> {
  const path = join(root, 'test/mesh', `${playbook}.yaml`)
  const more = ['--forks', String(SERVERS), '-e', `repeat=${repeat}`]
  return failures(await playJson([path, '-i', scratch, ...more], { timeout: PATIENCE }))
}

function failures(played: Played): string[] {
  if (played.code === 0) return []
  if (played.seconds >= PATIENCE) return [`still waiting after ${PATIENCE} s`]
  const bad = played.results.filter(({ status }) => status === 'failed' || status === 'unreachable')
  const lines = bad.map(({ host, task, item, message }) => `${host}: ${task} ${item ?? ''}: ${message}`)
  return lines.length > 0 ? lines : [`exit code ${played.code}: ${played.stderr}`]
}

await main().finally(() => rmSync(scratch, { recursive: true, force: true }))
