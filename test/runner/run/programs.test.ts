import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KEYWORDS } from '../../../runner/load/playbook/keyword-table.ts'
import { type LocalRun, runLocally } from '../../support/local-run.ts'
import { asJson, CASES, play } from './keyword-cases.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'play-programs-'))
  vi.spyOn(process.stdout, 'write').mockImplementation((_text: unknown, done?: unknown) => {
    if (typeof done === 'function') done()
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** The cases are written in the native language. */
const IN_JINJA: readonly (readonly [native: string, jinja: string])[] = [
  ['&& !has(hostvars.h1.x)', 'and hostvars.h1.x is undefined'],
  ['&& r.results', 'and r.results'],
  ["!('allitems'", "not ('allitems'"],
  ['allitems.[2]', 'allitems[2]'],
]

const jinja = (playbook: string): string =>
  IN_JINJA.reduce((text, [from, to]) => text.replaceAll(from, to), `# play: language=jinja\n${playbook}`)

const isStarted = (): boolean => existsSync(join(folder, 'started'))

/** A template that asks a program of this machine, which leaves a trace. */
function asked(value: string): string {
  writeFileSync(join(folder, 'value'), asJson(value))
  return `"{{ lookup('pipe', 'echo x >> ${folder}/started; cat ${folder}/value') | from_json }}"`
}

type Said = { said: string; ran?: LocalRun }

async function saidBy(playbook: string, options: Parameters<typeof runLocally>[1]): Promise<Said> {
  try {
    const ran = await runLocally(jinja(playbook), options)
    return { ran, said: JSON.stringify([ran.events, ran.results.map(({ error }) => error?.code)]) }
  } catch (error) {
    // What is no error of the user's is a fault of play.
    const { code = 'internal', message, pos } = error as { code?: string; message: string; pos?: unknown }
    return { said: JSON.stringify({ code, message, pos }) }
  }
}

const all = Object.entries(CASES)
  .filter(([name]) => KEYWORDS[name]!.template)
  .flatMap(([name, cases]) => cases.filter(({ value }) => value !== '').map((one) => [name, one] as const))

const FAULT = /fault in play itself|"internal"|object Object|waits for its turn|nothing here waits/

/** A check has no use for these, and shows names and labels as they are without. */
const NOT_ASKED = [
  ...['name', 'environment', 'async', 'poll', 'retries', 'delay'],
  // Here no host is out of reach.
  'ignore_unreachable',
]
const isAsked = (name: string, playbook: string): boolean =>
  !NOT_ASKED.includes(name) && !playbook.includes('label: VALUE')

describe('a keyword that asks a program of this machine', () => {
  it.each(all)('%s: starts nothing in a check, and is told with its place', async (name, one) => {
    const { playbook, value, options } = one
    const args = [...(options?.args ?? []), '--check']
    const { said } = await saidBy(playbook.replaceAll('VALUE', asked(value)), { ...options, args })
    expect(isStarted()).toBe(false)
    expect(said).not.toMatch(FAULT)
    if (isAsked(name, playbook)) expect(said).toMatch(/the run asks a command of this machine/)
  })

  it.each(all)('%s: starts nothing where the playbook is only listed', async (_, one) => {
    const { playbook, value, options } = one
    for (const mode of ['--list-hosts', '--list-tasks', '--list-tags', '--syntax-check']) {
      const args = [...(options?.args ?? []), mode]
      const { said } = await saidBy(playbook.replaceAll('VALUE', asked(value)), { ...options, args })
      expect([mode, isStarted()]).toEqual([mode, false])
      expect(said).not.toMatch(FAULT)
    }
  })

  it.each(all.filter(([name]) => !['import_playbook', 'ignore_unreachable'].includes(name)))(
    '%s: has its effect in a run',
    async (_, one) => {
      const { playbook, value, options, does } = one
      const { said, ran } = await saidBy(playbook.replaceAll('VALUE', asked(value)), options)
      expect(said).not.toMatch(FAULT)
      expect(isStarted()).toBe(true)
      expect(does(ran!)).toBe(true)
    },
  )
})

describe('what is read before the run', () => {
  const asks = (said: string) => `"{{ lookup('pipe', 'touch ${folder}/started; echo ${said}') }}"`

  it.each([
    ['import_playbook', (said: string) => `- import_playbook: ${said}\n`],
    ['import_tasks', (said: string) => play('', `- import_tasks: ${said}`)],
    ['import_role', (said: string) => play('', `- import_role: { name: ${said} }`)],
    ['import_role', (said: string) => play('', `- import_role: { name: r, tasks_from: ${said} }`)],
  ])('%s may not ask a program, and says so at its place', async (name, playbook) => {
    for (const args of [[], ['--check'], ['--syntax-check'], ['--list-tasks']]) {
      const { said } = await saidBy(playbook(asks('main')), { args, files: { 'roles/r/tasks/main.yml': '' } })
      expect(said).toMatch(
        /^{"code":"variable","message":"import_\w+ is read before the run begins, and the run asks/,
      )
      expect(said).toContain(name)
      expect(said).toMatch(/"pos":{"file":"[^"]*site.yaml","line":\d/)
      expect(isStarted()).toBe(false)
    }
  })

  it.each([
    ['a variable of a host', '- { name: a, debug: { msg: "{{ asked }}" } }'],
    ['that of another host', '- { name: a, debug: { msg: "{{ hostvars.h2.asked }}" } }'],
    ['what the inventory says', '- { name: a, debug: { msg: "{{ inventory_vars.asked }}" } }'],
    ['how a host is reached', '- { name: a, delegate_to: h2, ping: }'],
  ])('%s is unknown in a check', async (_, tasks) => {
    const inventory = `# play: language=jinja\n[all:vars]\nasked=${asks('x')}\n[all]\nh1 ansible_connection=local\nh2 ansible_port=${asks('1')}\n`
    const options = { inventory, args: ['--check', '--limit', 'h1'] }
    const { said, ran } = await saidBy(play('', tasks), options)
    expect(ran?.lines).toEqual(['h1 a unknown'])
    expect(said).toMatch(/the run asks a command of this machine/)
    expect(isStarted()).toBe(false)
  })

  it('what stands in the way of the plays of a check ends it with a recap', async () => {
    const events: string[] = []
    const playbook = `${play('', '- { name: a, ping: }')}${play(`serial: ${asks('1')}`, '- { name: b, ping: }')}`
    const options = { args: ['--check'], onEvent: ({ event }: { event: string }) => events.push(event) }
    const { said } = await saidBy(playbook, options)
    expect(said).toMatch(/serial is not known before the run: .*"line":9/)
    expect(events.at(-1)).toBe('recap')
  })

  it('the topology may not hang on a program, a password in it may', async () => {
    const wanted = play('', '- { name: a, debug: { msg: "{{ pg_wanted.replication_password }}" } }')
    const inventory = (version: string) =>
      `# play: language=jinja\n[all:vars]\nansible_connection=local\npg_version=${version}\npg_replication_password=${asks('x')}\n[all]\nh1\n`
    const refused = await saidBy(wanted, { inventory: inventory(asks('15')) })
    expect(refused.said).toContain('h1: pg_version is not known before the run: the run asks')
    const checked = await saidBy(wanted, { inventory: inventory('15'), args: ['--check'] })
    expect(checked.ran?.lines).toEqual(['h1 a unknown'])
    expect(isStarted()).toBe(false)
    const { ran } = await saidBy(wanted, { inventory: inventory('15') })
    expect(ran?.lines).toEqual(['h1 a ok'])
    expect(isStarted()).toBe(true)
  })
})
