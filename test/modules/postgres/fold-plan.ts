import type { Module } from '../../../contract/module.ts'
import type { Plan } from '../../../contract/plan.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

/** The host after a plan, as check mode's later tasks read it. */
export const foldPlan = (options: FakeHostOptions, plan: Plan): FakeHostOptions => ({
  ...options,
  planned: true,
  plans: [...(options.plans ?? []), plan],
})

/** inspect and plan with arguments as a task writes them. */
export async function planWith(module: Module, options: FakeHostOptions, args: Record<string, unknown>) {
  const params = module.params.parse(args)
  const host = fakeHost(options)
  const state = await module.inspect(host, params)
  const plan = module.plan(state, params)
  return { host, params, state, plan, result: module.result?.({ state, params, plan, outputs: null }) }
}

/** Plans, folds the plan into the host, and plans again: the second plan, which must be empty. */
export async function planAgain(module: Module, options: FakeHostOptions, args: Record<string, unknown>) {
  const { plan } = await planWith(module, options, args)
  return (await planWith(module, foldPlan(options, plan), args)).plan
}
