import type { Options } from '../cli.ts'
import { PlanCollector } from '../plan/collector.ts'
import { Digester } from '../plan/digest.ts'
import { allOf, noDestructive } from '../plan/guards.ts'
import type { Reporter } from '../report/events.ts'
import { maskingReporter } from '../report/mask.ts'
import { loadInput } from './input.ts'
import { list } from './list.ts'
import { openVault } from './open-vault.ts'
import { refuseDestructive } from './refuse-destructive.ts'
import { reporterFor } from './reporter.ts'
import { Session } from './session.ts'

/**
 * `play PLAYBOOK…`: load, check everything that can be checked, then list or run.
 * @param output where events go; the terminal when left out
 * @returns the exit code
 */
export async function playCommand(options: Options, output?: Reporter): Promise<number> {
  await openVault(options)
  const input = loadInput(options)
  if (options.mode !== 'run') return list(options, input)
  const session = await Session.open(options, input)
  const reporter = output ?? reporterFor(options)
  const collector = new PlanCollector(reporter, new Digester((text) => session.masker.mask(text)))
  const masked = maskingReporter(reporter, session.masker)
  for (const { message, pos } of [...input.inventory.warnings, ...input.warnings])
    masked.report({ event: 'warning', message: pos ? `${pos.file}:${pos.line}: ${message}` : message })
  try {
    if (!options.destructive && !options.check) await refuseDestructive(session, reporter)
    const guards = [
      ...(options.destructive ? [] : [noDestructive]),
      ...(options.out ? [collector.guard] : []),
    ]
    const guard = guards.length > 0 ? allOf(guards) : undefined
    const code = await session.run(options.out ? collector : reporter, { check: options.check, guard })
    if (options.out) {
      const { writePlan } = await import('../plan/plan-file.ts')
      await writePlan(options.out, collector, options, input)
    }
    return code
  } finally {
    await Promise.all([session.close(), reporter.close()])
  }
}
