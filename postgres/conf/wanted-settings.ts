import { Refusal } from '../../contract/errors.ts'
import type { Wanted } from '../settings/value.ts'
import { capacityOf } from './capacity.ts'
import { settingOf } from './check.ts'
import type { ConfState } from './read.ts'

/** Settings as a task gives them: as they shall be, what they shall at least allow, and what they are where nothing is said. */
export interface GivenSettings {
  settings: Readonly<Record<string, Wanted | null>>
  at_least: Readonly<Record<string, Wanted>>
  defaults: Readonly<Record<string, Wanted>>
  /** Name of the file of conf.d that they go into. */
  file: string
}

/**
 * All of them as they shall be. One that allows enough already, or that another file says, is wanted as it is, wherever it
 * stands. @throws {Refusal} where one is no capacity, or is wanted lower than it must at least be
 */
export function wantedSettings(
  state: ConfState,
  { settings, at_least, defaults, file }: GivenSettings,
): Record<string, Wanted | null> {
  const given = new Map(Object.entries(settings).map(([name, value]) => [name.toLowerCase(), value]))
  const inForce = (name: string) => state.effective.get(name.toLowerCase())
  const wanted: Record<string, Wanted | null> = { ...settings }
  for (const [name, value] of Object.entries(at_least)) {
    const setting = settingOf(state, name)
    const least = setting && capacityOf(setting, value)
    if (setting && least === undefined)
      throw new Refusal(
        `at_least: ${value} is nothing that ${name} could at least be`,
        'Put it under `settings`.',
      )
    const own = given.get(name.toLowerCase())
    if (own != null && least !== undefined && (capacityOf(setting!, own) ?? least) < least)
      throw new Refusal(
        `${name} is wanted ${own}, and must be ${value} at least`,
        `Raise it, or leave it out of the settings.`,
      )
    if (own != null) continue
    const now = inForce(name)?.value ?? setting?.boot
    const isEnough = now !== undefined && least !== undefined && (capacityOf(setting!, now) ?? -1) >= least
    wanted[name] = isEnough ? now : value
  }
  const ownFile = `${state.cluster.configDir}/conf.d/${file}`
  for (const [name, value] of Object.entries(defaults)) {
    if (given.has(name.toLowerCase())) continue
    const said = inForce(name)
    wanted[name] = said && said.file !== ownFile ? said.value : value
  }
  return wanted
}
