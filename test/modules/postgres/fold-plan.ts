import { posix } from 'node:path'
import type { Module } from '../../../contract/module.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { type FakeFile, type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

/** The world after a plan, as check mode's later tasks read it. */
export function foldPlan(options: FakeHostOptions, plan: Plan): FakeHostOptions {
  const files: Record<string, FakeFile> = { ...options.files }
  const facts: Record<string, unknown> = { ...options.facts }
  const remove = (path: string) => {
    for (const name of Object.keys(files))
      if (name === path || name.startsWith(`${path}/`)) delete files[name]
  }
  const step = (one: Step): void => {
    if (one.do === 'write_file') files[one.path] = { ...one, content: one.content as string, type: 'file' }
    else if (one.do === 'directory') files[posix.join(one.path, '.keep')] ??= ''
    else if (one.do === 'remove') remove(one.path)
    else if (one.do === 'issue_certificate')
      for (const target of [one.rootCert, one.cert])
        files[target.path] = { ...target, content: '(issued by the run)', type: 'file' }
    else if (one.do === 'guard') one.steps.forEach(step)
  }
  plan.steps.forEach(step)
  for (const [key, value] of Object.entries(plan.predicts ?? {})) {
    const path = key.startsWith('file/') ? key.slice('file/'.length) : undefined
    if (path === undefined) facts[key] = value
    else if (value === null) remove(path)
    else if ((value as { type?: string }).type !== 'directory') files[path] = value as FakeFile
  }
  return { ...options, files, facts, planned: true }
}

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
