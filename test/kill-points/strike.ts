import { losses } from '../support/accounts.ts'
import { failures, faultsOf } from '../support/converged.ts'
import { playJson } from '../support/play.ts'
import { type Cut, runUntil } from './cut.ts'
import type { Bench, Scenario } from './scenario.ts'

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
  const { operator, clients } = bench
  await operator.tidy().catch(() => {})
  const run = await scenario.prepare(bench)
  const was = await runUntil(cut, run.playbook, ...run.args)
  operator.said += was.output
  operator.noticed(cut.what)
  await operator.repairMachines()
  const problems: string[] = []
  const again = await playJson([`playbooks/${run.playbook}.yaml`, ...run.args])
  operator.said += again.stdout
  problems.push(...failures(again).map((line) => `again: ${line}`))
  problems.push(...((await scenario.after?.(bench, run)) ?? []))
  problems.push(...losses(await clients.audit(ARRIVES)))
  clients.resume()
  const now = await operator.look()
  if (now.primary !== run.primary) problems.push(`${now.primary} is the primary, not ${run.primary}`)
  problems.push(...(await faultsOf({ ...now, ...scenario.expected?.(), said: operator.said })))
  const begun = was.begun.filter((name) => name !== `${cut.what}!`)
  return { begun, step: was.reached ? was.begun[was.begun.indexOf(`${cut.what}!`) - 1] : undefined, problems }
}
