import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { keywordReference, moduleReference } from '../../docs/generate.ts'

it('docs/modules.md is what the schemas say (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/modules.md', import.meta.url), 'utf8')).toBe(moduleReference())
})

it('docs/keywords.md is what the table says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/keywords.md', import.meta.url), 'utf8')).toBe(keywordReference())
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
