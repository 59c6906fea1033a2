import type { Writable } from 'node:stream'
import type { Options } from '../cli.ts'
import type { Pos } from '../errors.ts'
import { Output } from '../report/output.ts'
import { visibleLine } from '../report/visible.ts'
import type { Origin, Settings } from '../settings/settings.ts'
import type { SettingName } from '../settings/table.ts'

/** `play config`: each setting, its value, and where that comes from; reaches no host. @returns the exit code */
export async function configCommand(options: Options, to: Writable = process.stdout): Promise<number> {
  const shown = withWhatCounts(options)
  const output = new Output(to)
  output.write(options.json ? asJson(shown) : asText(shown))
  await output.close()
  return 0
}

/** ./inventory counts where nothing is said. */
const withWhatCounts = ({ settings, inventory }: Options): Settings => ({
  ...settings,
  values: { ...settings.values, inventory: inventory.length === 0 ? undefined : inventory },
})

/** Columns; a longer value moves what stands behind it. */
const WIDEST = 40

function asText({ values, origins, files, unused }: Settings): string {
  const rows = (Object.keys(values) as SettingName[]).map((name): [string, string, string] => [
    name,
    written(values[name]),
    originOf(origins[name]),
  ])
  const width = (at: 0 | 1) => Math.max(...rows.map((row) => Math.min(row[at].length, WIDEST)))
  const widths = [width(0), width(1)] as const
  const table = rows.map(([name, value, origin]) =>
    visibleLine(`${name.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${origin}`),
  )
  const read = files.map(({ path }) => visibleLine(path)).join(', ')
  return [
    ...table,
    '',
    files.length === 0 ? 'No file of settings was found.' : `Read: ${read}`,
    ...(unused.length === 0 ? [] : ['Without effect here:']),
    ...unused.map(({ key, pos }) => visibleLine(pos ? `    ${key} (${placeOf(pos)})` : `    $${key}`)),
    '',
  ].join('\n')
}

function asJson({ values, origins, files, unused, warnings }: Settings): string {
  const settings = Object.fromEntries(
    (Object.keys(values) as SettingName[]).map((name) => [
      name,
      { value: values[name] ?? null, ...jsonOrigin(origins[name]) },
    ]),
  )
  const read = files.map(({ path }) => path)
  const without = unused.map(({ key, pos }) =>
    pos ? { key, file: pos.file, line: pos.line } : { variable: key },
  )
  return `${JSON.stringify({ settings, files: read, without_effect: without, warnings }, null, 2)}\n`
}

const written = (value: unknown): string => {
  if (value === undefined) return '-'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.join(' ')
  return String(value)
}

const placeOf = ({ file, line }: Pos): string => `${file}:${line}`

function originOf(origin: Origin): string {
  switch (origin.from) {
    case 'default':
      return 'default'
    case 'option':
      return origin.option
    case 'environment':
      return `$${origin.variable}`
    case 'file':
      return placeOf(origin.pos)
  }
}

function jsonOrigin(origin: Origin): Record<string, unknown> {
  if (origin.from !== 'file') return origin
  const { file, line, col } = origin.pos
  return { from: 'file', file, line, column: col }
}
