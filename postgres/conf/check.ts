import { Refusal } from '../../contract/errors.ts'
import type { Setting, Settings } from '../settings/catalogue.ts'
import { runsWith } from '../settings/running.ts'
import { BadValue, canonical, textOf, type Wanted } from '../settings/value.ts'
import { parseConf } from './conf-file.ts'
import type { ConfWish } from './plan.ts'
import type { ConfState } from './read.ts'

export interface WantedSetting {
  setting: Setting
  /** null: our line goes. */
  value: Wanted | null
}

/** The wish by lower-case name, every part of it checked. @throws {Refusal} with all that is wrong */
export function checkWanted(state: ConfState, wish: ConfWish, own: string): Map<string, WantedSetting> {
  const errors: string[] = []
  const wanted = new Map<string, WantedSetting>()
  for (const [written, value] of Object.entries(wish.settings)) {
    const name = written.toLowerCase()
    const setting = settingOf(state, written)
    const error = setting
      ? complaint(state, setting, name, value, own)
      : `there is no setting "${written}"${suggestion(name, state.settings)}`
    if (error) errors.push(error)
    else wanted.set(name, { setting: setting!, value })
  }
  if (!includesConfD(state) && state.confD.some(({ path }) => path !== own))
    errors.push(
      `${state.main.path} has no line include_dir = 'conf.d', and conf.d holds files that would come into force with it: add it, or remove them`,
    )
  if (errors.length === 0) return wanted
  const { version, name } = state.cluster
  throw new Refusal(
    errors.length === 1
      ? errors[0]!
      : `${errors.length} settings cannot be as wanted in cluster ${version}/${name}`,
    undefined,
    errors.length === 1 ? [] : errors,
  )
}

/** undefined: there is none of that name. */
export const settingOf = (state: ConfState, name: string): Setting | undefined =>
  state.settings[name.toLowerCase()] ?? customSetting(name) ?? unrecorded(state, name)

/** A name with a dot may belong to an extension that is not loaded yet. */
export const customSetting = (name: string): Setting | undefined =>
  /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)+$/.test(name)
    ? { name, vartype: 'string', context: 'superuser', boot: '' }
    : undefined

/** Of a version that nobody recorded: the server will judge it. */
const unrecorded = ({ nearest }: ConfState, name: string): Setting | undefined =>
  nearest !== undefined && /^[A-Za-z_]\w*$/.test(name)
    ? { name, vartype: 'string', context: 'sighup' }
    : undefined

function complaint(
  state: ConfState,
  setting: Setting,
  name: string,
  value: Wanted | null,
  own: string,
): string | undefined {
  if (setting.context === 'internal')
    return `${setting.name} tells how the server was built or initialised: it cannot be set`
  if (setting.source === 'command line' && value !== null && !runsWith(setting, textOf(value)))
    return `${setting.name} is given on the server's command line, which wins over every file: change it in pg_ctl.conf of the cluster`
  if (value === null) return undefined
  if (name === 'data_directory' && textOf(value) !== state.cluster.dataDir)
    return `data_directory is where cluster ${state.cluster.version}/${state.cluster.name} is, in ${state.cluster.dataDir}: it moves with its files, not by a setting`
  const keeper = laterKeeper(state, name, own)
  if (keeper && setting.boot !== undefined && !sameAsKeeper(setting, keeper.value, value))
    return `${setting.name} is also kept in ${keeper.file}, which is read later: take it out of one of the two tasks`
  try {
    canonical(setting, value)
    return undefined
  } catch (error) {
    if (error instanceof BadValue) return `${setting.name} ${error.message}`
    throw error
  }
}

const sameAsKeeper = (setting: Setting, kept: string, value: Wanted): boolean => {
  try {
    return canonical(setting, kept) === canonical(setting, value)
  } catch {
    return true // the bad value is reported by itself
  }
}

/** A later file of conf.d that another task of play keeps: the two would undo each other for ever. */
function laterKeeper(state: ConfState, name: string, own: string) {
  return state.all.findLast(
    ({ file, name: other }) =>
      other === name &&
      file > own &&
      state.confD.some(({ path, text }) => path === file && text.startsWith('# Kept by play')),
  )
}

/** postgresql.conf reads conf.d, as Debian's does unless createcluster.conf was replaced. */
export const includesConfD = (state: ConfState): boolean =>
  parseConf(state.main.text).some(
    ({ name, value }) => name === 'include_dir' && /(^|\/)conf\.d\/?$/.test(value ?? ''),
  )

/** `: did you mean …?`, where a name is close. */
export function suggestion(name: string, settings: Settings): string {
  const close = Object.values(settings)
    .map((setting) => ({ name: setting.name, distance: distance(name, setting.name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return close && close.distance <= Math.max(2, name.length / 3) ? `: did you mean ${close.name}?` : ''
}

/** How many characters to insert, delete or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (char === other ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
