import { Refusal } from '../../../contract/errors.ts'
import { parseSources } from './entries.ts'
import type { SourceFile } from './source-files.ts'

/** An option of a repository that two entries say differently, and what the one says that is not ours. */
export interface Conflict {
  option: string
  /** As written; empty: it says nothing. */
  value: string
  path: string
}

/**
 * The options for which apt wants one value of all entries of a repository: it reads none of its sources where they differ
 * ("Conflicting values set for option"). Of those with `once` an entry that comes later may say it first.
 */
const OPTIONS: Readonly<Record<string, { as: (value: string) => string; once?: true }>> = {
  'signed-by': { as: (value) => value.trim(), once: true },
  trusted: { as: truth },
  'allow-insecure': { as: onlyTrue },
  'allow-weak': { as: onlyTrue },
  'allow-downgrade-to-insecure': { as: onlyTrue },
  'check-valid-until': { as: truth },
  'valid-until-max': { as: seconds, once: true },
  'valid-until-min': { as: seconds, once: true },
  'check-date': { as: truth },
  'date-max-future': { as: seconds, once: true },
  'inrelease-path': { as: (value) => value },
}

function truth(value: string): string {
  if (/^(yes|true|with|on|enable|1)$/i.test(value)) return 'yes'
  return /^(no|false|without|off|disable|0)$/i.test(value) ? 'no' : value
}
function onlyTrue(value: string): string {
  return truth(value) === 'yes' ? 'yes' : ''
}
function seconds(value: string): string {
  const number = Number.parseInt(value, 10)
  return number ? String(number) : ''
}

/** @throws {Refusal} where apt would read no sources at all once a file is as it shall be */
export function refuseConflict(
  own: SourceFile,
  all: readonly SourceFile[],
  hint: (conflict: Conflict) => string,
): void {
  const conflict = conflictOf(own, all)
  if (!conflict) return
  const { option, value, path } = conflict
  const theirs =
    option === 'signed-by'
      ? value === ''
        ? 'without a key'
        : `with the key ${value.split('\n')[0]}`
      : value === ''
        ? `without ${option}`
        : `with ${option}=${value}`
  const what = option === 'signed-by' ? 'keys' : `values of ${option}`
  throw new Refusal(
    `${path} has this repository already, ${theirs}: apt refuses two entries with different ${what}`,
    hint(conflict),
  )
}

/** The first conflict in a repository that a file names, that file being as it shall be. */
export function conflictOf(own: SourceFile, all: readonly SourceFile[]): Conflict | undefined {
  const files = [...all.filter(({ path }) => path !== own.path), own].sort(
    (a, b) => orderOf(a) - orderOf(b) || (a.path < b.path ? -1 : 1),
  )
  const ours = new Set(parseSources(own.path, own.text).flatMap(repositories))
  const said = new Map<string, Conflict & { compared: string }>()
  for (const { path, text } of files)
    for (const entry of parseSources(path, text))
      for (const repository of repositories(entry))
        for (const [option, { as, once }] of ours.has(repository) ? Object.entries(OPTIONS) : []) {
          const value = entry.options.get(option) ?? ''
          const compared = as(value)
          const key = `${repository} ${option}`
          const before = said.get(key)
          if (before && before.compared !== compared && !(once && before.compared === ''))
            return before.path === own.path ? { option, value, path } : before
          if (!before || before.compared === '') said.set(key, { option, value, path, compared })
        }
  return undefined
}

/** apt reads sources.list first, then the folder by name. */
const orderOf = ({ path }: SourceFile): number => (path === '/etc/apt/sources.list' ? 0 : 1)

const repositories = ({ uris, suites }: { uris: string[]; suites: string[] }): string[] =>
  uris.flatMap((uri) => suites.map((suite) => `${uri} ${suite}`))
