import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../../runner/cli.ts'
import { addRunOptions, type RunFlags } from '../../../runner/help.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import { OPTION_FATES, SETTING_FATES } from '../../../runner/options/fates.ts'
import { keptOptions, withKept } from '../../../runner/plan/kept-options.ts'
import { SETTINGS, type SettingName } from '../../../runner/settings/table.ts'

/** All of a run. */
const OPTIONS = addRunOptions(new Command()).options
const fateOf = (name: string) => OPTION_FATES[name as keyof RunFlags]
const ofFate = (fate: string) => OPTIONS.filter((one) => fateOf(one.attributeName()) === fate)

/** What each that takes something may be given. */
const VALUES: Record<string, string> = {
  inventory: 'somewhere',
  limit: 'a',
  tags: 'one,two',
  skipTags: 'three',
  startAtTask: 'begin',
  language: 'jinja',
  maxOutput: '64M',
  user: 'alice',
  privateKey: 'key',
  keyFile: 'key',
  connection: 'local',
  sshCommonArgs: '-o Port=7',
  sshExtraArgs: '-4',
  becomeUser: 'bob',
  becomeMethod: 'su',
  extraVars: 'a=1',
  out: 'plan.json',
}
type Option = (typeof OPTIONS)[number]
const given = (option: Option): string[] => {
  const name = option.attributeName()
  if (!option.required) return [option.long!]
  expect(VALUES, `a value for ${option.long} in this test`).toHaveProperty(name)
  return [option.long!, VALUES[name]!]
}
const NOWHERE = { HOME: '/nowhere' }
const run = (...args: string[]) => parseArguments(['site.yaml', ...args], NOWHERE, '/tmp')
const apply = (...args: string[]) => parseArguments(['apply', 'plan.json', ...args], NOWHERE, '/tmp')
const names = (options: readonly Option[]) => options.map((option) => [option.long!, option] as const)

describe('every option and setting is one that a plan keeps, or is not', () => {
  it('all options', () => {
    for (const option of OPTIONS) expect(OPTION_FATES, option.long).toHaveProperty(option.attributeName())
  })
  it('all settings, as the options that say them', () => {
    expect(Object.keys(SETTING_FATES).sort()).toEqual(Object.keys(SETTINGS).sort())
    for (const [name, { option }] of Object.entries(SETTINGS)) {
      const said = OPTIONS.filter(({ long, short }) => option !== undefined && [long, short].includes(option))
      for (const one of said)
        expect(fateOf(one.attributeName()), `${option} and ${name}`).toBe(SETTING_FATES[name as SettingName])
    }
  })
  it.each(names(ofFate('kept')))('%s is kept, and refused where a plan is applied', (long, option) => {
    const kept = run(...given(option))
    const read = JSON.parse(JSON.stringify(keptOptions(kept)))
    const applied = withKept(apply(), read)
    expect(read).not.toEqual(JSON.parse(JSON.stringify(keptOptions(run()))))
    expect(keptOptions(applied)).toEqual(keptOptions(kept))
    expect(() => apply(...given(option))).toThrow(`the plan fixes ${long}`)
    expect(() => parseCommandLine(['show', 'plan.json', ...given(option)])).toThrow(`the plan fixes ${long}`)
  })
  it.each(names(ofFate('refused')))('%s is refused where a plan is applied', (_long, option) => {
    expect(() => apply(...given(option))).toThrow('play apply takes no --')
  })
  it.each(names(ofFate('free')))('%s counts as apply is told it', (long, option) => {
    if (['--version', '--help'].includes(long)) return
    const args = option.required || option.optional ? [long, freeValue(option)] : [long]
    const read = JSON.parse(JSON.stringify(keptOptions(run())))
    const {
      playbooks: _playbooks,
      mode: _mode,
      settings: _settings,
      inventory: _inventory,
      ...said
    } = apply(...args)
    expect(withKept(apply(...args), read)).toMatchObject(said)
  })
})

const freeValue = (option: Option): string =>
  option.argChoices?.[0] ?? (/forks|timeout|wait/i.test(option.attributeName()) ? '7' : 'text')
