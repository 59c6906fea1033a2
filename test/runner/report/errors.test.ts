import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PlayError, PlayErrors } from '../../../runner/errors.ts'
import { formatPlayError } from '../../../runner/report/errors.ts'

const file = join(mkdtempSync(join(tmpdir(), 'play-')), 'x.yaml')
writeFileSync(file, 'a: 1\nhsots: all\n')
const error = new PlayError('playbook', 'unknown keyword hsots', {
  pos: { file, line: 2, col: 1, length: 5 },
  hint: 'did you mean hosts?',
})

test('an error shows its place, the line with carets, and what to type', () => {
  expect(formatPlayError(error, false)).toBe(
    `${file}:2:1: error[playbook]: unknown keyword hsots\n  2 | hsots: all\n    | ^^^^^\n  hint: did you mean hosts?`,
  )
})

test('a line with a secret in it is shown without', () => {
  const secret = join(mkdtempSync(join(tmpdir(), 'play-')), 'x.yaml')
  writeFileSync(secret, 'x:\n  db: { user: app, password: Kr0k 0dil }\n  - passphrase: Kr0k 0dil here\n')
  const at = (line: number) =>
    formatPlayError(
      new PlayError('yaml', 'wrong: postgres://u:Kr0k@h', { pos: { file: secret, line, col: 1 } }),
      false,
    )
  expect(at(2)).toContain('user: app, password: ********')
  expect(at(2) + at(3)).not.toContain('Kr0k')
})

test('colours change nothing but colours', () => {
  const colored = formatPlayError(error, true)
  expect(colored).toContain('\u001b[31m^^^^^')
  expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(formatPlayError(error, false))
})

test('all errors are shown and counted', () => {
  const text = formatPlayError(new PlayErrors([error, new PlayError('usage', 'no playbook')]), false)
  expect(text).toContain('unknown keyword hsots')
  expect(text).toContain('error[usage]: no playbook')
  expect(text).toMatch(/2 errors; nothing was done$/)
})

test('anything else is a bug, with its stack; control characters are escaped', () => {
  const text = formatPlayError(new Error('boom \u001b[2J'), false)
  expect(text).toContain('error[internal]: a fault in play itself: boom \\e[2J')
  expect(text).toContain('errors.test.ts')
})
