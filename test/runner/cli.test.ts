import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { helpText } from '../../runner/cli.ts'
import { PlayError } from '../../runner/errors.ts'
import { parseArguments } from '../../runner/options/arguments.ts'
import { scratch } from './load/inventory/scratch.ts'

const parse = (line: string, env = {}) =>
  parseArguments(line.split(' ').filter(Boolean), { HOME: '/nowhere', ...env }, '/nowhere')
/** Without where all of it comes from. */
const options = (line: string) => {
  const { settings: _, ...rest } = parse(line)
  return rest
}
const usage = (line: string): PlayError => {
  try {
    parse(line)
  } catch (error) {
    if (error instanceof PlayError && error.code === 'usage') return error
    throw error
  }
  throw new Error(`${line} was accepted`)
}

describe('arguments', () => {
  test('a playbook alone has the defaults', () => {
    expect(options('site.yaml')).toEqual({
      command: 'run',
      mode: 'run',
      destructive: true,
      playbooks: ['site.yaml'],
      inventory: [],
      check: false,
      diff: false,
      tags: [],
      skipTags: [],
      forks: 50,
      maxOutput: 2 * 1024 * 1024,
      verbosity: 0,
      become: false,
      askBecomePass: false,
      askPass: false,
      vaultIds: [],
      vaultIdMatch: false,
      runsPrograms: false,
      extraVars: [],
      output: 'text',
      forceHandlers: false,
      timeout: 10,
      waitForLock: 0,
      lock: true,
      json: false,
      write: false,
    })
  })

  test('long options', () => {
    const line = `--inventory i --check --diff --tags a,b --skip-tags c --limit l --start-at-task t --forks 7 --become
      --become-user bu --user u --ask-become-pass --become-password-file bf --ask-pass --private-key k --extra-vars e=1
      --output jsonl --force-handlers --max-output 64k --timeout 3 --no-color a.yaml b.yaml`
    expect(options(line.replaceAll('\n', ''))).toEqual({
      command: 'run',
      mode: 'run',
      destructive: true,
      playbooks: ['a.yaml', 'b.yaml'],
      inventory: ['i'],
      check: true,
      diff: true,
      tags: ['a', 'b'],
      skipTags: ['c'],
      limit: 'l',
      startAtTask: 't',
      forks: 7,
      maxOutput: 64 * 1024,
      verbosity: 0,
      become: true,
      becomeUser: 'bu',
      user: 'u',
      askBecomePass: true,
      becomePasswordFile: 'bf',
      askPass: true,
      privateKey: 'k',
      vaultIds: [],
      vaultIdMatch: false,
      runsPrograms: true,
      extraVars: ['e=1'],
      output: 'jsonl',
      forceHandlers: true,
      timeout: 3,
      color: false,
      waitForLock: 0,
      lock: true,
      json: false,
      write: false,
    })
  })

  test('short options, joined and repeated, before and after the playbook', () => {
    expect(
      parse('-CDbKk -i a -ib,c s.yaml -t x,y -t z -f2 -T5 -u me -l vm1 -e a=1 -e b=2 -vvv'),
    ).toMatchObject({
      playbooks: ['s.yaml'],
      check: true,
      diff: true,
      become: true,
      askBecomePass: true,
      askPass: true,
      inventory: ['a', 'b,c'],
      tags: ['x', 'y', 'z'],
      forks: 2,
      timeout: 5,
      user: 'me',
      limit: 'vm1',
      vaultIds: [],
      vaultIdMatch: false,
      extraVars: ['a=1', 'b=2'],
      verbosity: 3,
    })
    expect(parse('-vvvvvv s').verbosity).toBe(4)
    expect(parse('--key-file k --color s')).toMatchObject({ privateKey: 'k', color: true })
    expect(parse('-- -s.yaml').playbooks).toEqual(['-s.yaml'])
  })

  test.each(['list-hosts', 'list-tasks', 'list-tags', 'syntax-check', 'version', 'help'])('--%s', (mode) => {
    expect(parse(`site.yaml --${mode}`).mode).toBe(mode)
  })

  test('play status takes hosts and how to reach them, and no playbook', () => {
    expect(parse('status -i a -l vm1 -e x=1 -f 3 -T 5 -u me -k -K --output json')).toMatchObject({
      command: 'status',
      playbooks: [],
      inventory: ['a'],
      limit: 'vm1',
      vaultIds: [],
      vaultIdMatch: false,
      extraVars: ['x=1'],
      forks: 3,
      timeout: 5,
      user: 'me',
      askPass: true,
      askBecomePass: true,
      output: 'json',
      watch: undefined,
    })
    expect(parse('status').output).toBe('text')
    expect(parse('status --watch -i a')).toMatchObject({ watch: 2, inventory: ['a'] })
    expect(parse('status -i a -w 10').watch).toBe(10)
  })

  test('play adopt takes the same, and whether to write', () => {
    expect(parse('adopt -i a -l vm1 -e pg_cluster=prod -K')).toMatchObject({
      command: 'adopt',
      playbooks: [],
      limit: 'vm1',
      vaultIds: [],
      vaultIdMatch: false,
      extraVars: ['pg_cluster=prod'],
      askBecomePass: true,
      write: false,
    })
    expect(parse('adopt --write').write).toBe(true)
  })

  test('--help and --version need no playbook', () => {
    expect(parse('-h').mode).toBe('help')
    expect(parse('--version').mode).toBe('version')
  })

  test('the inventory comes from -i, the environment, or the folder one is in', () => {
    const env = { PLAY_INVENTORY: 'mine', ANSIBLE_INVENTORY: 'theirs' }
    expect(parse('s -i given', env).inventory).toEqual(['given'])
    expect(parse('s', env).inventory).toEqual(['mine'])
    expect(parse('s', { ANSIBLE_INVENTORY: 'theirs' }).inventory).toEqual(['theirs'])
    expect(parseArguments(['s'], {}, scratch({ 'inventory/hosts': 'h1' })).inventory).toEqual(['inventory'])
  })
})

describe('mistakes', () => {
  test.each([
    ['', /play site.yaml/],
    ['--chek s', /did you mean --check\?/],
    ['--step s', /--start-at-task/],
    ['-f 0 s', /whole number/],
    ['-f many s', /whole number/],
    ['-T 1.5 s', /whole number/],
    ['--max-output 10 s', /size from 1K to 256M/],
    ['--max-output 1G s', /size from 1K to 256M/],
    ['--output xml s', /text, jsonl/],
    ['s -i', /--help/],
    ['-x s', /--help/],
    ['s --list-hosts --list-tasks', /one of them/],
    ['status --watch 0', /whole number/],
    ['status --output jsonl', /text, json/],
    ['status --check', /--help/],
    ['status site.yaml', /--help/],
    ['adopt site.yaml', /--help/],
    ['status --write', /--help/],
  ])('%j is refused with what to type instead', (line, hint) => expect(usage(line).hint).toMatch(hint))

  test('no argument throws anything but an error for the user', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('-v', '-i', '--', '--tags', '-f', '--check=1', '-', '--no-', 'help', 'run'),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (argv) => {
        try {
          parseArguments(argv, {}, '/nowhere')
        } catch (error) {
          expect(error).toBeInstanceOf(PlayError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

test('the help names every option, in groups, with four examples, within 100 columns', () => {
  const text = helpText()
  expect(text).toMatch(/^Usage: play PLAYBOOK/)
  for (const option of [
    '--inventory',
    '--check',
    '--diff',
    '--limit',
    '--forks',
    '--ask-become-pass',
    '--output',
  ])
    expect(text).toContain(option)
  expect(text.match(/^ {2}play site\.yaml/gm)).toHaveLength(4)
  const status = helpText('status')
  expect(status).toMatch(/^Usage: play status \[options\]/)
  expect(status).toContain('--watch')
  const adopt = helpText('adopt')
  expect(adopt).toMatch(/^Usage: play adopt \[options\]/)
  expect(adopt).toContain('--write')
  for (const shown of [text, status, adopt])
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
})
