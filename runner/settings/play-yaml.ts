import { type Diagnostics, PlayError } from '../errors.ts'
import { nearest } from '../load/nearest.ts'
import type { Located } from '../load/types.ts'
import { isMapping, parseYaml } from '../load/yaml.ts'
import { type ConfigFile, textOf } from './files.ts'
import type { Setting } from './setting.ts'
import { SETTINGS } from './table.ts'

type Keys = Record<string, unknown>

/** Reads a play.yaml. Keys that are none are collected. @throws {PlayError} {PlayErrors} codes config and yaml */
export function readPlayYaml(file: ConfigFile, diagnostics: Diagnostics): Located<Keys> {
  const located = parseYaml(file.path, textOf(file))
  const { value } = located
  if (value === null) return { ...located, value: {} }
  if (!isMapping(value))
    throw new PlayError('config', 'this is no mapping of settings', {
      pos: located.locate(),
      hint: 'write one a line: forks: 20',
    })
  for (const key of Object.keys(value)) {
    const pos = located.locateKey([key])
    const setting: Setting | undefined = Object.hasOwn(SETTINGS, key)
      ? SETTINGS[key as keyof typeof SETTINGS]
      : undefined
    if (!setting) diagnostics.add('config', `there is no setting ${key}`, { pos, hint: hintFor(key) })
    else if (setting.ofProject && !file.ofProject)
      diagnostics.add('config', `${key} is what a project says of its files`, {
        pos,
        hint: 'write it into the play.yaml beside the playbook',
      })
  }
  return { ...located, value }
}

function hintFor(key: string): string {
  const near = nearest(key, Object.keys(SETTINGS))
  return near === undefined ? 'play config lists them all' : `did you mean ${near}?`
}
