import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { conflictOf } from '../../../../modules/packages/shared/conflicts.ts'

const dir = mkdtempSync(join(tmpdir(), 'play-apt-'))
afterAll(() => rmSync(dir, { recursive: true }))
let lists = 0

const PLAIN = 'deb http://h.example/x s main'
const line = (options: string, rest = 'http://h.example/x s main') => `deb [${options}] ${rest}`
const paragraph = (fields: string) =>
  `Types: deb\nURIs: http://h.example/x/\nSuites: s\nComponents: main\n${fields}\n`

/** Texts of files in the order in which apt reads them; those of paragraphs in `.sources`. */
const filesOf = (texts: string[]) =>
  texts.map((text, at) => ({
    path: `/etc/apt/sources.list.d/${at}.${text.startsWith('Types') ? 'sources' : 'list'}`,
    text: `${text}\n`,
  }))

/** Whether apt reads no sources for a conflict. */
function aptRefuses(texts: string[]): boolean {
  const parts = join(dir, `parts${lists++}`)
  mkdirSync(parts)
  for (const { path, text } of filesOf(texts)) writeFileSync(join(parts, path.replace(/.*\//, '')), text)
  const where = ['-o', 'Dir::Etc::sourcelist=/dev/null', '-o', `Dir::Etc::sourceparts=${parts}`]
  try {
    execFileSync('apt-get', ['indextargets', ...where, '-o', `Dir::State::lists=${dir}`], { stdio: 'pipe' })
    return false
  } catch (error) {
    expect(String((error as { stderr: Buffer }).stderr)).toContain('Conflicting values')
    return true
  }
}

const noApt = existsSync('/usr/bin/apt-get') ? undefined : 'apt is not installed'

const EACH = [
  'signed-by=/k',
  'trusted=yes',
  'trusted=no',
  'allow-insecure=yes',
  'allow-insecure=no',
  'allow-weak=yes',
  'allow-downgrade-to-insecure=yes',
  'check-valid-until=no',
  'check-valid-until=yes',
  'valid-until-max=5',
  'valid-until-min=5',
  'check-date=no',
  'date-max-future=5',
  'inrelease-path=x',
  'by-hash=no',
  'arch=amd64',
  'pdiffs=no',
  'Signed-By=/k',
]

describe.skipIf(noApt)(`apt itself says the same${noApt ? ` (skipped: ${noApt})` : ''}`, () => {
  test.each<[string, ...string[]]>([
    ...EACH.map((option): [string, string] => [line(option), PLAIN]),
    ...EACH.map((option): [string, string] => [PLAIN, line(option)]),
    [line('signed-by=/k'), line('signed-by=/k arch=arm64')],
    [line('signed-by=/k'), line('signed-by=/l')],
    [line('signed-by=/k,/l'), line('signed-by=/l,/k')],
    [line('trusted=true'), line('trusted=1')],
    [line('trusted=yes trusted=no'), line('trusted=no')],
    [line('valid-until-max=5'), line('valid-until-max=05')],
    [PLAIN, line('signed-by=/k'), PLAIN],
    ...[
      'http://h.example/x/ s main',
      'http://h.example/x// s main',
      'http://me:pw@h.example/x s main',
      'http://h.example:80/x s main',
      'http://H.example/x s main',
      'http://h.example/%78 s contrib',
      'http://h.example/x s/',
      'http://h.example/x /s main',
    ].map((rest): [string, string] => [line('signed-by=/k'), `deb ${rest}`]),
    [line('signed-by=/k'), 'deb-src http://h.example/x s main'],
    [paragraph('Signed-By: /k'), PLAIN],
    [paragraph('signed-BY: /k'), PLAIN],
    [paragraph('Trusted: yes'), PLAIN],
    [PLAIN, paragraph('Check-Date: no')],
    [PLAIN, paragraph('Signed-By: /k')],
    [paragraph('Signed-By: /k\nEnabled: no'), PLAIN],
    [paragraph('Signed-By: /k'), line('signed-by=/k')],
  ])('%s and %s %s', (...texts) => {
    const files = filesOf(texts.filter(Boolean))
    for (const own of files) expect(conflictOf(own, files) !== undefined).toBe(aptRefuses(texts))
  })
})

test('what others disagree about is nothing of ours, and a file counts as it shall be', () => {
  const files = filesOf([line('trusted=yes'), PLAIN, 'deb http://other.example/y s main'])
  expect(conflictOf(files[2]!, files)).toBeUndefined()
  expect(conflictOf({ ...files[1]!, text: line('trusted=yes') }, files)).toBeUndefined()
  expect(conflictOf(files[1]!, files)).toMatchObject({
    option: 'trusted',
    value: 'yes',
    path: files[0]!.path,
  })
  expect(conflictOf(files[0]!, files)).toMatchObject({ option: 'trusted', value: '', path: files[1]!.path })
})
