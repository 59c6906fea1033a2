import { resolve } from 'node:path'
import type { Setting } from './setting.ts'
import { SETTINGS, type SettingName, type Values } from './table.ts'

const BY_NAME = new Map(
  (Object.entries(SETTINGS) as [SettingName, Setting][]).map(([name, { ansible }]) => [ansible, name]),
)

/** A setting by the name that Ansible has for it; paths are absolute, as there. @returns undefined where there is none of that name */
export function byAnsibleName(values: Values, ansible: string): unknown {
  const name = BY_NAME.get(ansible)
  if (name === undefined) return undefined
  const value = values[name]
  const whole = (one: unknown) => (typeof one === 'string' && !one.includes(',') ? resolve(one) : one)
  if (!(SETTINGS[name] as Setting).paths) return value ?? null
  return Array.isArray(value) ? value.map(whole) : (whole(value) ?? null)
}
