import { expect } from 'vitest'
import { Refusal } from '../../contract/errors.ts'

/** Why a plan was refused; it must be. */
export async function refusalOf(planned: Promise<unknown>): Promise<Refusal> {
  const error = await planned.then(
    () => new Error('it was planned'),
    (found) => found,
  )
  expect(error).toBeInstanceOf(Refusal)
  return error
}

/** A plan's steps in a line each: a command's words, or what is done and to which path. */
export const commands = (plan: { steps: readonly any[] }): string[] =>
  plan.steps.map((step) => (step.do === 'exec' ? step.argv.join(' ') : `${step.do} ${step.path ?? ''}`))

/** The same, where a script is called by its title. */
export const outline = (plan: { steps: readonly any[] }): string[] =>
  plan.steps.map((step, at) => (step.argv?.[0] === 'sh' ? step.title : commands(plan)[at]))

/** What the server's user owns, at least in part. */
export const OF_POSTGRES = ['/etc/postgresql', '/var/lib/postgresql', '/var/backups/postgresql']

/**
 * Programs that a plan has root run on a path below these folders, of which another user could have made another one. Scripts that
 * step down themselves, or only remove, are known by their titles.
 */
export const asRoot = (plan: { steps: readonly any[] }, ...folders: string[]): string[] =>
  plan.steps
    .filter((step) => step.do === 'exec' && step.as === undefined)
    .filter(({ argv }) =>
      argv.some((word: string) => folders.some((folder) => word.startsWith(`${folder}/`))),
    )
    .map((step) => step.title)
    .filter((title) => !/^the (move|removal) of /.test(title))
