import { expect, it } from 'vitest'
import { beginLanguages } from '../../../runner/load/language.ts'
import { parseYaml } from '../../../runner/load/yaml.ts'

const read = (text: string, first = '# play: language=jinja\n') => {
  beginLanguages(undefined, undefined)
  return parseYaml('words.yaml', first + text).value
}

it('words of a file of Jinja are what PyYAML makes of them', () => {
  const text =
    '[yes, No, ON, off, y, "yes", 1_000, 10:30, -1:00:00, 0b101, 1e3, 1.5e3, 1.5e+3, 0o17, 0644, 2024-01-01]'
  expect(read(text)).toEqual([
    ...[true, false, true, false, 'y', 'yes', 1000, 630, -3600, 5],
    ...['1e3', '1.5e3', 1500, '0o17', '0644', '2024-01-01'],
  ])
})

it('and elsewhere those of YAML 1.2', () => {
  expect(read('[yes, 1_000, 10:30, 1e3]', '')).toEqual(['yes', '1_000', '10:30', 1000])
})
