import { chmodSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PlayErrors } from '../../../runner/errors.ts'
import { readSettings } from '../../../runner/settings/settings.ts'
import type { SettingName } from '../../../runner/settings/table.ts'
import { CASES, IN, NAMES, type SettingsCase } from '../../oracle/settings/cases.ts'
import { scratch } from '../load/inventory/scratch.ts'

type Values = Record<string, unknown>
const recorded: { cases: { name: string; values: Values | null }[] } = JSON.parse(
  readFileSync(new URL('../../oracle/settings/recorded.json', import.meta.url), 'utf8'),
)

/** What somebody says, in Ansible's words; null where it is refused. */
function ours(
  { files, env = {}, cwd: below = '.', mode }: SettingsCase,
  names: readonly string[],
): Values | null {
  const all = Object.entries({ ...files, 'home/.keep': '', 'sub/.keep': '' })
  const around = scratch(Object.fromEntries(all.map(([name, text]) => [`${IN}/${name}`, text])))
  const folder = join(around, IN)
  const cwd = join(folder, below)
  if (mode !== undefined) chmodSync(cwd, mode)
  try {
    const { values, origins } = readSettings(
      {},
      { env: { HOME: join(folder, 'home'), ...env }, cwd, playbook: undefined },
    )
    const here = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(here) : String(value).replaceAll(around, '/here')
    return Object.fromEntries(
      names
        .filter((name) => origins[name as SettingName].from !== 'default')
        .map((name) => [name, here(absolute(name, values[name as SettingName], cwd))]),
    )
  } catch (error) {
    if (error instanceof PlayErrors) return null
    throw error
  }
}

/** Paths below the working folder are shown from there, and meant the same. */
function absolute(name: string, value: unknown, cwd: string): unknown {
  if (!/path|file|inventory/.test(name)) return value
  return Array.isArray(value) ? value.map((one: string) => resolve(cwd, one)) : resolve(cwd, String(value))
}

const words = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(String) : String(value),
    ]),
  )

describe('ansible-core 2.19 and play say the same of', () => {
  it('as many cases as are recorded', () => {
    expect(recorded.cases.map(({ name }) => name)).toEqual(CASES.map(({ name }) => name))
  })
  it.each(CASES)('$name', (one) => {
    const { values } = recorded.cases.find(({ name }) => name === one.name)!
    const differs = Object.keys(one.differs ?? {})
    const mine = ours(one, Object.keys(NAMES))
    if (values === null || (mine === null && differs.length > 0)) return expect(mine).toBeNull()
    for (const name of differs) expect(mine?.[name]).not.toEqual(words(values)[name])
    const rest = (all: Values) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => !differs.includes(name)))
    expect(rest(mine!)).toEqual(rest(words(values)))
  })
})
