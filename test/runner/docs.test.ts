import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { moduleReference } from '../../docs/generate.ts'

it('docs/modules.md is what the schemas say (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/modules.md', import.meta.url), 'utf8')).toBe(moduleReference())
})
