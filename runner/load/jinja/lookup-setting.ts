import type { LookupContext } from '../functions/lookups/lookup.ts'

let named: LookupContext['setting'] = () => undefined

/** For a run: what `lookup('config')` asks. Apart from the lookups, which a playbook may do without. */
export function beginLookups(setting: LookupContext['setting']): void {
  named = setting
}

export const settingNamed: LookupContext['setting'] = (name) => named(name)
