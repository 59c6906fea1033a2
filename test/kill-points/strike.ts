import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { losses } from '../support/accounts.ts'
import { failures, faultsOf } from '../support/converged.ts'
import { playJson } from '../support/play.ts'
import { type Cut, runUntil, type WasCut } from './cut.ts'
import type { Bench, Run, Scenario } from './scenario.ts'

/** Seconds until a row that is on its way must have come. */
const ARRIVES = 45

export interface Struck {
  /** The steps that were begun until then. */
  begun: string[]
  /** The one at which it happened; undefined where it never came to it. */
  step: string | undefined
  /** What an operator could not put up with; empty where all is well. */
  problems: string[]
}

/** An undisturbed run. */
export const NOWHERE: Cut = { step: '0', what: 'kill' }

/**
 * From the scenario's beginning to that point, then the same command again: converged, nothing left over, and no
 * acknowledged row missing anywhere.
 */
export async function strike(scenario: Scenario, cut: Cut, bench: Bench): Promise<Struck> {
  const run = await begin(scenario, bench)
  const was = await interrupted(run, cut, bench)
  const problems = await inTheEnd(scenario, run, bench)
  const begun = was.begun.filter((name) => name !== `${cut.what}!`)
  return { begun, step: stepOf(was, cut), problems }
}

/**
 * One building, killed before every step that it was not killed at before, and the same command again each time: as many
 * points as it has steps of different names, at the price of one run and of finding out as often what is done already. What
 * a point left is met by the next one. @param each told of each point, and how long it took (s)
 */
export async function chain(
  scenario: Scenario,
  what: string,
  bench: Bench,
  each: (step: string, seconds: number) => void,
): Promise<Struck> {
  const run = await begin(scenario, bench)
  const scratch = mkdtempSync(join(tmpdir(), 'play-chain-'))
  const cut: Cut = { step: `unmet:${join(scratch, 'met')}`, what }
  const met: string[] = []
  try {
    for (;;) {
      const started = performance.now()
      const was = await interrupted(run, cut, bench)
      const step = stepOf(was, cut)
      if (step === undefined) break
      met.push(step)
      each(step, Math.round((performance.now() - started) / 1000))
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
  return { begun: met, step: `${met.length} steps`, problems: await inTheEnd(scenario, run, bench) }
}

async function begin(scenario: Scenario, bench: Bench): Promise<Run> {
  await bench.operator.tidy().catch(() => {})
  return scenario.prepare(bench)
}

async function interrupted(run: Run, cut: Cut, { operator }: Bench): Promise<WasCut> {
  const was = await runUntil(cut, run.playbook, ...run.args)
  operator.said += was.output
  operator.noticed(cut.what)
  await operator.repairMachines()
  return was
}

const stepOf = ({ reached, begun }: WasCut, { what }: Cut): string | undefined =>
  reached ? begun[begun.indexOf(`${what}!`) - 1] : undefined

/** The same command once more. @returns what an operator could not put up with */
async function inTheEnd(scenario: Scenario, run: Run, bench: Bench): Promise<string[]> {
  const { operator, clients } = bench
  const problems: string[] = []
  const again = await playJson([`playbooks/${run.playbook}.yaml`, ...run.args])
  operator.said += again.stdout
  problems.push(...failures(again).map((line) => `again: ${line}`))
  problems.push(...((await scenario.after?.(bench, run)) ?? []))
  problems.push(...losses(await clients.audit(ARRIVES)))
  clients.resume()
  const now = await operator.look().catch((error: unknown) => String(error))
  if (typeof now === 'string') return [...problems, now]
  if (now.primary !== run.primary) problems.push(`${now.primary} is the primary, not ${run.primary}`)
  problems.push(...(await faultsOf({ ...now, ...scenario.expected?.(), said: operator.said })))
  return problems
}
