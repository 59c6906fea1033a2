import { Refusal } from '../../../contract/errors.ts'
import { customSetting, suggestion } from '../../../postgres/conf/check.ts'
import type { Setting, Settings } from '../../../postgres/settings/catalogue.ts'
import { BadValue, canonical, type Wanted } from '../../../postgres/settings/value.ts'
import { isListQuoted } from './list-quoted.ts'

/** Contexts of settings that a session can have of its own, if only from its beginning. */
const OWN = ['user', 'superuser', 'backend', 'superuser-backend']

/** pg_settings leaves it out, and a role may have it all the same: ALTER ROLE … SET role. */
const UNLISTED: Readonly<Record<string, Setting>> = {
  role: { name: 'role', vartype: 'string', context: 'user' },
}

/** @throws {Refusal} with all that cannot be set for the sessions of a role or database */
export function refuseSettings(
  settings: Settings,
  wanted: Readonly<Record<string, Wanted | readonly string[] | null>>,
): void {
  const errors = Object.entries(wanted).flatMap(([written, value]) => {
    const setting =
      settings[written.toLowerCase()] ?? UNLISTED[written.toLowerCase()] ?? customSetting(written)
    if (!setting) return `there is no setting "${written}"${suggestion(written.toLowerCase(), settings)}`
    return complaint(setting, value) ?? []
  })
  if (errors.length === 0) return
  throw new Refusal(
    errors.length === 1 ? errors[0]! : `${errors.length} settings cannot be as wanted`,
    undefined,
    errors.length === 1 ? [] : errors,
  )
}

function complaint(setting: Setting, value: Wanted | readonly string[] | null): string | undefined {
  const { name, context } = setting
  if (!OWN.includes(context))
    return `${name} is one for the whole cluster (context ${context}): set it with pg_conf`
  if (value === null || (Array.isArray(value) && isListQuoted(name))) return undefined
  if (Array.isArray(value) && setting.vartype !== 'string') return `${name} takes one value, not a list`
  try {
    canonical(setting, Array.isArray(value) ? value.join(', ') : (value as Wanted))
    return undefined
  } catch (error) {
    if (error instanceof BadValue) return `${name} ${error.message}`
    throw error
  }
}
