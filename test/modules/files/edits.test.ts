import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import type { Module } from '../../../contract/module.ts'
import { canonical } from '../../../contract/parse-params.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { modules } from '../../../modules/registry.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

/** What ansible-core 2.19 made of it (test/oracle/edits.py). */
type Answer = { failed: true } | { changed: boolean; text: string | null }
type Case = [name: string, args: Record<string, unknown>, text: string | null, answer: Answer]
const CASES: Case[] = JSON.parse(readFileSync(new URL('../../oracle/edits.json', import.meta.url), 'utf8'))

const BEGIN = '# BEGIN ANSIBLE MANAGED BLOCK'
const END = '# END ANSIBLE MANAGED BLOCK'
const hasNone = ({ block = '', state }: Case[1]): boolean => block === '' || state === 'absent'

/** What is done otherwise, and why. */
const EXPLAINED: Readonly<Record<string, (one: Case) => boolean>> = {
  // There a block whose last mark is not found is added once more.
  'a mark is one at the end of the file too': ([name, , text]) =>
    name === 'blockinfile' && text?.endsWith(END) === true,
  // There they leave an empty line where the block was, and each file without a block gets one.
  'where there shall be no block, no empty lines are added for it, and no end of the last line': ([
    name,
    args,
    text,
  ]) =>
    name === 'blockinfile' &&
    hasNone(args) &&
    (args.prepend_newline === true ||
      args.append_newline === true ||
      (text?.endsWith('\n') === false && !text.includes(BEGIN))),
  // There it becomes one with the last line.
  'a line goes on a line of its own': ([name, args, text]) =>
    name === 'lineinfile' && args.firstmatch === true && text?.endsWith('\n') === false,
}
const DIFFERENCES: Readonly<Record<string, Record<string, number>>> = {
  lineinfile: { 'a line goes on a line of its own': 1 },
  replace: {},
  blockinfile: {
    'a mark is one at the end of the file too': 50,
    'where there shall be no block, no empty lines are added for it, and no end of the last line': 14,
  },
}

const PATH = '/etc/thing.conf'
async function planOf(name: string, args: Record<string, unknown>, options: FakeHostOptions) {
  const module = modules.get(name) as Module
  const params = module.params.parse(canonical({ path: PATH, ...args }, module.params))
  const state = await module.inspect(fakeHost(options), params)
  const plan = module.plan(state, params)
  return { plan, result: module.result?.({ state, params, plan, outputs: null }) }
}
const withText = (text: string | null): FakeHostOptions => ({
  files: { '/etc/other': '', ...(text === null ? {} : { [PATH]: text }) },
})
async function done(name: string, args: Record<string, unknown>, text: string | null) {
  const { plan } = await planOf(name, args, withText(text))
  const step = plan.steps.find((one) => one.do === 'write_file')
  return { changed: plan.changes.length > 0, text: step ? String(step.content) : text, plan }
}

describe('lineinfile, replace and blockinfile', () => {
  it.each(['lineinfile', 'replace', 'blockinfile'])(
    '%s does what Ansible does, but where the difference is explained',
    async (name) => {
      const different: unknown[] = []
      const explained = new Map<string, number>()
      for (const one of CASES) {
        const [module, args, text, answer] = one
        if (module !== name) continue
        const { changed, text: made } = await done(name, args, text).catch(() => ({
          changed: 'failed',
          text,
        }))
        const found = changed === 'failed' ? { failed: true } : { changed, text: made }
        if (JSON.stringify(found) === JSON.stringify(answer)) continue
        const why = Object.entries(EXPLAINED).find(([, fits]) => fits(one))?.[0]
        if (why === undefined) different.push({ args, text, answer, found })
        else explained.set(why, (explained.get(why) ?? 0) + 1)
      }
      expect(different).toEqual([])
      expect(Object.fromEntries(explained)).toEqual(DIFFERENCES[name])
    },
  )

  it('has nothing left to do after its own plan', async () => {
    for (const [name, args, text] of CASES.filter(
      ([, , , answer]) => 'changed' in answer && answer.changed,
    )) {
      if (name === 'replace' || args.backrefs) continue
      const { plan } = await done(name, args, text)
      const again = await planOf(name, args, { ...withText(text), plans: [plan] })
      // As Ansible's: a line that replaces another one may make the next one fit.
      if (args.regexp === undefined && args.search_string === undefined)
        expect(again.plan.changes, JSON.stringify([name, args, text])).toEqual([])
    }
  })

  it('a line goes on a line of its own, where the last one has no end', async () => {
    expect((await done('lineinfile', { line: 'b', insertafter: '^a' }, 'a')).text).toBe('a\nb\n')
    expect((await done('blockinfile', { block: 'b', marker: '# {mark}' }, 'a')).text).toBe(
      'a\n# BEGIN\nb\n# END\n',
    )
  })

  it('keeps the old file, checks the new one, and sets its attributes', async () => {
    const args = { line: 'b', backup: true, validate: 'check %s', mode: '0600', owner: 'games' }
    const { plan, result } = await planOf('lineinfile', args, { ...withText('a\n'), accounts: ['games'] })
    expect(plan.steps).toMatchObject([
      { do: 'write_file', backup: true, validate: ['check', '%s'], mode: '0600', owner: 'games' },
    ])
    expect(plan.changes[0]).toMatchObject({ before: 'a\n', after: 'a\nb\n', text: true })
    expect(result).toEqual({ msg: 'line added' })
  })

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'lineinfile',
      { line: 'x', regexp: 'a(' },
      /^regexp: expected a regular expression of Python: at character/,
    ],
    ['lineinfile', {}, /^line: expected the line/],
    ['lineinfile', { line: 'x', insertbefore: 'a', insertafter: 'b' }, /^insertbefore: expected nothing/],
    ['lineinfile', { line: 'x', backrefs: true }, /^backrefs: expected a regexp/],
    ['blockinfile', { block: 'x', marker: '# here' }, /^marker: expected a line with \{mark\}/],
    ['replace', {}, /^regexp: /],
  ])('%s %j is told before any host', (name, args, expected) => {
    const { error } = modules.get(name)!.params.safeParse({ path: PATH, ...args })
    expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)[0]).toMatch(expected)
  })

  it('in a check a file that a planned package may bring is not known', async () => {
    const planned = { ...withText(null), facts: [predict(plannedPackagesKey(), ['thing'])] }
    await expect(planOf('lineinfile', { line: 'a' }, planned)).rejects.toThrow(UnknownError)
    const made = { line: 'a', create: true }
    expect((await planOf('lineinfile', made, planned)).plan.changes).toHaveLength(1)
    const inFolderOfPackage = { ...made, path: '/etc/thing/thing.conf' }
    await expect(planOf('lineinfile', inFolderOfPackage, planned)).rejects.toThrow(UnknownError)
  })

  it('says what to do where there is no file', async () => {
    await expect(planOf('lineinfile', { line: 'a' }, withText(null))).rejects.toMatchObject({
      message: `there is no file ${PATH}`,
      hint: expect.stringContaining('create: true'),
    })
  })
})
