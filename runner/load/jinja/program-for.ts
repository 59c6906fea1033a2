import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Pos } from '../../errors.ts'
import { timeNow } from '../functions/date-time.ts'
import { LIBRARY } from '../functions/index.ts'
import { LOOKUPS } from '../functions/lookups/index.ts'
import type { Scope } from '../scope.ts'
import { Fault } from '../template/fault.ts'
import { type Program, placed } from '../template/program.ts'
import { readText } from '../yaml.ts'
import { compileJinjaCondition, type JinjaCondition } from './condition.ts'
import { type Library, libraryOf } from './library.ts'
import { lookUp } from './look-up.ts'
import { IN_FILES, IN_YAML } from './options.ts'
import { compileJinja, compileJinjaExpression, type JinjaProgram } from './program.ts'
import { str } from './value.ts'

let made: Library | undefined
/** Made for the first text: playbooks without Jinja need none. */
function known(): Library {
  made ??= libraryOf(LIBRARY, { lookup: lookUp, lookups: new Set(LOOKUPS.keys()), now: timeNow })
  return made
}

const programs = new Map<string, Program>()
const expressions = new Map<string, Program>()
const conditions = new Map<string, JinjaCondition>()
const files = new Map<string, JinjaProgram>()

/** A text of a YAML file, compiled once for all places and hosts. @throws {Fault} */
export const jinjaProgram = (text: string): Program =>
  kept(programs, text, () => compileJinja(text, { library: known(), syntax: IN_YAML }))

/** An expression without {{ }}. @throws {Fault} */
export const jinjaExpression = (text: string): Program =>
  kept(expressions, text, () => compileJinjaExpression(text, { library: known() }))

/** What stands behind `when:`. @throws {Fault} */
export const jinjaCondition = (text: string): JinjaCondition =>
  kept(conditions, text, () => compileJinjaCondition(text, { library: known() }))

/**
 * A template file, compiled once for all hosts. What it includes is looked for beside it, then in the folders of its task (Ansible,
 * Search paths).
 * @throws {PlayError} {UnknownError}
 */
export function jinjaFile(content: string, begin: Pos, scope: Scope, folders: readonly string[]): string {
  const load = (name: string, from: string | undefined) => {
    const places = [
      dirname(resolve(from ?? begin.file)),
      ...folders.flatMap((dir) => [join(dir, 'templates'), dir]),
    ]
    const file = places.map((place) => resolve(place, name)).find((path) => existsSync(path))
    return file === undefined ? undefined : { text: readText(file), file }
  }
  try {
    const program = kept(files, content, () => compileJinja(content, { library: known(), syntax: IN_FILES }))
    const text = program.run(scope, () => begin, load)
    return typeof text === 'string' ? text : str(text)
  } catch (error) {
    throw error instanceof Fault ? placed(error, content, () => begin) : error
  }
}

function kept<T>(known: Map<string, T>, text: string, compile: () => T): T {
  const found = known.get(text)
  if (found !== undefined) return found
  const made = compile()
  known.set(text, made)
  return made
}
