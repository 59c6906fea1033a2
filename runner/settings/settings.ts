import { Diagnostics, PlayError, type Pos } from '../errors.ts'
import type { RunFlags } from '../help.ts'
import { DIFFERENT, type Different } from './different.ts'
import { type ConfigFile, configFiles, type Surroundings, textOf } from './files.ts'
import { type Ini, iniValue, parseIni } from './ini.ts'
import { pathOf } from './paths.ts'
import { readPlayYaml } from './play-yaml.ts'
import { type Base, type Setting, Unfit } from './setting.ts'
import { SETTINGS, type SettingName, type Values } from './table.ts'
import { unquoted } from './types.ts'

/** Where a value comes from. */
export type Origin =
  | { from: 'default' }
  | { from: 'option'; option: string }
  | { from: 'environment'; variable: string }
  | { from: 'file'; pos: Pos }

export interface Settings {
  values: Values
  origins: Readonly<Record<SettingName, Origin>>
  /** In the order in which they count. */
  files: readonly ConfigFile[]
  /** Keys of an ansible.cfg, and variables of the environment, that mean nothing here. */
  unused: readonly Unused[]
  warnings: readonly string[]
}

interface Unused {
  /** section.key, or the name of a variable. */
  key: string
  /** Of a key. */
  pos?: Pos
}

interface Found {
  raw: unknown
  base: Base
  origin: Exclude<Origin, { from: 'default' }>
}

/** A source below the command line: the environment, or a file. */
type Source = (name: SettingName, setting: Setting) => Found | undefined

/**
 * What the command line, the environment and the files say, each above those behind it.
 * @throws {PlayErrors} code 'config', all that is wrong in them together
 */
export function readSettings(flags: RunFlags, surroundings: Surroundings): Settings {
  const diagnostics = new Diagnostics()
  const warnings: string[] = []
  const files = configFiles(surroundings, (message) => warnings.push(message))
  const inis: { ini: Ini; file: ConfigFile }[] = []
  const sources: Source[] = [environment(surroundings)]
  for (const file of files) {
    if (file.is === 'play.yaml') sources.push(playYaml(file, surroundings, diagnostics))
    else {
      const ini = diagnostics.collect(() => parseIni(file.path, textOf(file), diagnostics)) ?? new Map()
      inis.push({ ini, file })
      sources.push(ansibleCfg(ini, file, surroundings))
    }
  }
  const values: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting][]) {
    const { value, origin } = decide(name, setting, flags, sources, surroundings, diagnostics)
    values[name] = value
    origins[name] = origin
  }
  for (const one of DIFFERENT) tellDifferent(one, inis[0]?.ini, surroundings, diagnostics, warnings)
  diagnostics.throwIfAny()
  return {
    values: values as Values,
    origins: origins as Settings['origins'],
    files,
    unused: [...inis.flatMap(({ ini }) => unusedOf(ini)), ...unusedVariables(surroundings)],
    warnings,
  }
}

function decide(
  name: SettingName,
  setting: Setting,
  flags: RunFlags,
  sources: readonly Source[],
  { cwd, env }: Surroundings,
  diagnostics: Diagnostics,
): { value: unknown; origin: Origin } {
  const given = setting.given(flags)
  // All are asked: what is wrong in a file is told although something above it counts.
  const found = sources.flatMap((source) => {
    const one = source(name, setting)
    if (!one) return []
    const value = diagnostics.collect(() => readValue(name, setting, one))
    return [{ value, origin: one.origin }]
  })
  if (given !== undefined) return { value: given, origin: { from: 'option', option: setting.option! } }
  const home = (path: unknown) =>
    typeof path === 'string' && path.startsWith('~/') ? pathOf(path, { folder: cwd, cwd, env }) : path
  const { default: otherwise } = setting
  const value = Array.isArray(otherwise) ? otherwise.map(home) : otherwise
  return found[0] ?? { value, origin: { from: 'default' } }
}

/** Who misreads ask_pass writes a password there. */
const ASKS = /ask_.*pass$/

/** @throws {PlayError} code 'config' */
function readValue(name: string, setting: Setting, { raw, base, origin }: Found): unknown {
  try {
    return setting.read(raw, base)
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    const what = origin.from === 'environment' ? `$${origin.variable}` : name
    const pos = origin.from === 'file' ? origin.pos : undefined
    const hint = setting.summary
    if (!ASKS.test(name))
      throw new PlayError('config', `${what} is ${described(raw)}, expected ${error.message}`, { pos, hint })
    // With a place the line would be shown.
    const place = pos ? `${pos.file}:${pos.line}:${pos.col}: ` : ''
    throw new PlayError('config', `${place}${what} is something else than ${error.message}`, { hint })
  }
}

const described = (raw: unknown): string => {
  if (typeof raw !== 'object' || raw === null) return JSON.stringify(String(raw))
  return Array.isArray(raw) ? 'a list with more in it than texts' : 'a mapping'
}

/** The last one that is there counts. */
function variablesOf(name: string, { env, ofProject }: Setting): string[] {
  return ofProject ? [] : [...env, `PLAY_${name.toUpperCase()}`]
}

/** A variable that is empty counts as one that is not there. */
const environment =
  ({ env, cwd }: Surroundings): Source =>
  (name, setting) => {
    const variable = variablesOf(name, setting).findLast((one) => Object.hasOwn(env, one) && env[one])
    if (variable === undefined) return undefined
    const base = { folder: cwd, cwd, env, variable, ansible: true }
    return { raw: env[variable], base, origin: { from: 'environment', variable } }
  }

function playYaml(file: ConfigFile, { env, cwd }: Surroundings, diagnostics: Diagnostics): Source {
  const located = diagnostics.collect(() => readPlayYaml(file, diagnostics))
  return (name) => {
    const raw = located && Object.hasOwn(located.value, name) ? located.value[name] : undefined
    if (raw === undefined || raw === null) return undefined
    const pos = located!.locate([name])
    return { raw, base: { folder: file.folder, cwd, env }, origin: { from: 'file', pos } }
  }
}

const ansibleCfg =
  (ini: Ini, { folder }: ConfigFile, { env, cwd }: Surroundings): Source =>
  (_, setting) => {
    const found = setting.ini.map((key) => iniValue(ini, key)).findLast((one) => one !== undefined)
    if (!found || found.text === '') return undefined
    const base = { folder, cwd, env, ansible: true }
    return { raw: unquoted(found.text), base, origin: { from: 'file', pos: found.pos } }
  }

function tellDifferent(
  { name, ini: key, env: variable, same, refused, says, hint }: Different,
  ini: Ini | undefined,
  { env }: Surroundings,
  diagnostics: Diagnostics,
  warnings: string[],
): void {
  const fromEnv = variable !== undefined && Object.hasOwn(env, variable) ? env[variable] : undefined
  const found = ini && iniValue(ini, key)
  const text = fromEnv || unquoted(found?.text ?? '')
  if (text === '' || same(text)) return
  const pos = fromEnv ? undefined : found?.pos
  const what = fromEnv ? `$${variable}` : name
  if (refused) diagnostics.add('config', `${what}: ${says}`, { pos, hint })
  else warnings.push(`${pos ? `${pos.file}:${pos.line}: ` : ''}${what}: ${says}; ${hint}`)
}

const USED = new Set([
  ...Object.values(SETTINGS).flatMap(({ ini }) => ini),
  ...DIFFERENT.map(({ ini }) => ini),
])

function unusedOf(ini: Ini): Unused[] {
  const all = [...ini].flatMap(([section, keys]) =>
    [...keys].map(([key, { pos }]) => ({ key: `${section}.${key}`, pos })),
  )
  return all.filter(({ key }) => !USED.has(key))
}

const VARIABLES = new Set([
  'ANSIBLE_CONFIG',
  ...(Object.entries(SETTINGS) as [string, Setting][]).flatMap(([name, setting]) =>
    variablesOf(name, setting),
  ),
  ...DIFFERENT.map(({ env }) => env),
])

const unusedVariables = ({ env }: Surroundings): Unused[] =>
  Object.keys(env)
    .filter((name) => /^(ANSIBLE|PLAY)_/.test(name) && !VARIABLES.has(name))
    .sort()
    .map((key) => ({ key }))
