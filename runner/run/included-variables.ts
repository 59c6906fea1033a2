import { statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { Refusal } from '../../contract/errors.ts'
import type { IncludedVariables, VariablesFrom } from '../../contract/host.ts'
import { filesUnder } from '../load/inventory/folders.ts'
import { shownPath } from '../load/playbook/context.ts'
import { compileRegex } from '../load/regex.ts'
import type { Located, Vars } from '../load/types.ts'
import { loadVarsFile } from '../load/vars-files.ts'
import { lookupPlaces } from './places.ts'

/** Where the variables of a task that brings some stand, by what it brings. */
const places = new WeakMap<Vars, Located>()

/** The place of each of the variables that `include_vars` brought. */
export const placesOf = (vars: Vars): Located | undefined => places.get(vars)

/** What include_vars reads. @throws {Refusal} {PlayError} */
export function includedVariables(from: VariablesFrom, dirs: readonly string[]): IncludedVariables {
  const files = from.dir === undefined ? [found(from.file!, dirs)] : filesOf(found(from.dir, dirs), from)
  for (const file of files)
    if (!statSync(file).isFile())
      throw new Refusal(`${file} is no file`, 'Name a file of variables, or a folder with dir.')
  const located = files.map((file) => loadVarsFile(shownPath(file)))
  const all: Vars = Object.assign({}, ...located.map(({ value }) => value))
  const variables = from.name === undefined ? all : { [from.name]: all }
  const ownerOf = (name: unknown) =>
    (from.name === undefined
      ? located.findLast(({ value }) => Object.hasOwn(value, String(name)))
      : undefined) ?? located.at(-1)
  places.set(variables, {
    value: variables,
    locate: (path = []) =>
      ownerOf(path[0])?.locate(from.name === undefined ? path : []) ?? {
        file: files[0] ?? '',
        line: 1,
        col: 1,
      },
    locateKey: (path) => ownerOf(path[0])?.locateKey(path) ?? { file: files[0] ?? '', line: 1, col: 1 },
  })
  return { variables, files }
}

function found(path: string, dirs: readonly string[]): string {
  const all = lookupPlaces(path, dirs, 'vars')
  const place = all.find((one) => statSync(one, { throwIfNoEntry: false }))
  if (place !== undefined) return place
  throw new Refusal(`there is no "${path}" on this machine`, `Looked for ${all.join(', ')}.`)
}

function filesOf(dir: string, from: VariablesFrom): string[] {
  const matching = from.files_matching === undefined ? undefined : compileRegex(from.files_matching)
  const isDeep = (file: string) => from.depth > 0 && relative(dir, file).split(sep).length > from.depth
  return filesUnder(dir, (name) => !from.ignore_files.includes(name)).filter((file) => {
    const name = file.slice(file.lastIndexOf(sep) + 1)
    if (isDeep(file) || (matching && !matching.test(name))) return false
    if (from.extensions.includes(extname(name).slice(1))) return true
    if (from.ignore_unknown_extensions) return false
    throw new Refusal(
      `${join(dir, relative(dir, file))} has none of the ends ${from.extensions.join(', ')}`,
      'Give ignore_unknown_extensions: true, or take the file away.',
    )
  })
}
