import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { playCommand } from '../../../../runner/commands/run.ts'
import { beginLanguages, languageOf } from '../../../../runner/load/language.ts'
import { parseArguments } from '../../../../runner/options/arguments.ts'

/** What the benchmark measures side by side: playbooks/site.yaml, and the same in Jinja. */
const JINJA = 'bench/site/jinja'
const files = readdirSync(JINJA, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.(?:yaml|j2)$/.test(file) && file !== 'play.yaml',
)

/** As the terminal takes it. */
function written(_text: unknown, done?: unknown): boolean {
  if (typeof done === 'function') done()
  return true
}

const listed = async (site: string): Promise<string> => {
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(written)
  try {
    const options = parseArguments([site, '-i', 'inventory', '--list-tasks'])
    expect(await playCommand(options, { report() {}, close: async () => {} })).toBe(0)
    return write.mock.calls.map(([text]) => text).join('')
  } finally {
    write.mockRestore()
  }
}

const CONDITIONS = ['when', 'that', 'until', 'failed_when', 'changed_when']

/** What is said in either language is the same: what is left is what both files say. */
function apartFromLanguage(value: unknown, isCondition = false): unknown {
  if (typeof value === 'string') return isCondition ? '…' : value.replace(/(?:\{\{.*?\}\}|\{%.*?%\})+/gs, '…')
  if (Array.isArray(value)) return value.map((item) => apartFromLanguage(item, isCondition))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, apartFromLanguage(item, CONDITIONS.includes(key))]),
  )
}

describe('site.yaml in Jinja', () => {
  it('has the tasks of the native one, in their order, with their tags', async () => {
    const [native, jinja] = [await listed('playbooks/site.yaml'), await listed(`${JINJA}/site.yaml`)]
    const tasks = (text: string) => apartFromLanguage(text.replace(/^playbook: .*$/m, ''))
    expect(tasks(jinja)).toBe(tasks(native))
    expect(native).toContain('The standby runs')
  })

  it.each(files)('is in Jinja: %s', (file) => {
    beginLanguages(undefined, undefined)
    expect(languageOf(join(JINJA, file))).toBe('jinja')
  })

  it.each(files.filter((file) => file.endsWith('.yaml')))('says what playbooks/%s says', (file) => {
    const read = (path: string): unknown =>
      apartFromLanguage(parse(readFileSync(path, 'utf8'), { merge: true }))
    const text = JSON.stringify(read(join(JINJA, file))).replaceAll('.j2"', '.hbs"')
    expect(JSON.parse(text)).toEqual(read(join('playbooks', file)))
  })

  it.each(files.filter((file) => file.endsWith('.j2')))(
    'makes what the native template makes: %s',
    (file) => {
      const read = (path: string) => apartFromLanguage(readFileSync(path, 'utf8'))
      expect(read(join(JINJA, file))).toBe(read(join('templates', basename(file).replace('.j2', '.hbs'))))
    },
  )
})
