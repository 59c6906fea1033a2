import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  configReference,
  keywordReference,
  languageReference,
  moduleReference,
  sshReference,
  variableReference,
} from '../../docs/generate.ts'

it('docs/modules.md is what the schemas say (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/modules.md', import.meta.url), 'utf8')).toBe(moduleReference())
})

it('docs/keywords.md is what the table says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/keywords.md', import.meta.url), 'utf8')).toBe(keywordReference())
})

it('docs/config.md is what the table says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')).toBe(configReference())
})

it('docs/language.md is what the library says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8')).toBe(languageReference())
})

it('docs/ssh.md is what the table says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/ssh.md', import.meta.url), 'utf8')).toBe(sshReference())
})
it('docs/variables.md is what the schema says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/variables.md', import.meta.url), 'utf8')).toBe(variableReference())
})

it('docs/problems.md names tests that there are', () => {
  const at = (path: string) => new URL(`../../${path}`, import.meta.url)
  const named = [...readFileSync(at('docs/problems.md'), 'utf8').matchAll(/^\*(\d\d-[a-z-]+): (.+?)…?\*$/gm)]
  expect(named.length).toBeGreaterThan(20)
  for (const [, file, title] of named) {
    expect(readdirSync(at('test/e2e'))).toContain(`${file}.test.ts`)
    expect(readFileSync(at(`test/e2e/${file}.test.ts`), 'utf8')).toContain(title!.trim())
  }
})

describe('the pages in docs/decisions', () => {
  const folder = new URL('../../docs/decisions/', import.meta.url)
  const pages = readdirSync(folder).sort()
  it('are numbered without a gap', () => {
    expect(pages.map((page) => Number(page.slice(0, 4)))).toEqual(pages.map((_, index) => index + 1))
  })
  it.each(pages)('%s says its number, its date, and whether it holds', (page) => {
    expect(page).toMatch(/^\d{4}-[a-z0-9-]+\.md$/)
    const [title, empty, status] = readFileSync(new URL(page, folder), 'utf8').split('\n')
    expect(title).toMatch(new RegExp(`^# ${Number(page.slice(0, 4))}\\. \\S`))
    expect(empty).toBe('')
    expect(status).toMatch(/^\d{4}-\d\d-\d\d, (accepted|superseded by \d{4})\.$/)
  })
})
