import { matchesGlob } from '../../contract/glob.ts'
import { PlayError } from '../errors.ts'
import type { SshOptions } from './ssh-args.ts'
import { objection, optionName } from './ssh-options.ts'

/** @throws {PlayError} inventory: options that play would have to heed and does not, with what to write instead */
export function refuseOptions(
  host: string,
  from: string,
  options: SshOptions,
  where: 'arguments' | 'files',
): void {
  const refused = objections(options, where).filter(({ is }) => is === 'refused')
  if (refused.length === 0) return
  const names = refused.map(({ name }) => name).join(', ')
  throw new PlayError('inventory', `${host}: ${from} has ${names}, which play does not heed`, {
    hint: [...new Set(refused.map(({ instead }) => instead))].join('; '),
    details: refused.map(({ name, why }) => `${name}: ${why}`),
  })
}

/** A line for each option of configuration files that does not count. */
export function toldOptions(configs: readonly SshOptions[]): string[] {
  const lines = configs.flatMap((options) => {
    const ignored = (options.ignoreunknown ?? []).flatMap((list) => list.split(/[\s,]+/))
    return objections(options, 'files')
      .filter(({ is, name }) => is === 'told' && !ignored.some((pattern) => isNamed(pattern, name)))
      .map(
        ({ name, why, instead }) =>
          `ssh's configuration has ${name}, which does not count: ${why}; instead: ${instead}`,
      )
  })
  return [...new Set(lines)]
}

const isNamed = (pattern: string, name: string): boolean =>
  matchesGlob(pattern.toLowerCase(), name.toLowerCase())

function objections(options: SshOptions, where: 'arguments' | 'files') {
  return Object.entries(options).flatMap(([option, values]) => {
    // Of -F, which is no option of a file.
    if (!values || (option === 'configfile' && where === 'arguments')) return []
    const found = objection(option, values, where)
    return found ? [{ name: optionName(option), ...found }] : []
  })
}
