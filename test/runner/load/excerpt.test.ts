import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PlayError } from '../../../runner/errors.ts'
import { excerpt, formatError } from '../../../runner/load/excerpt.ts'
import { files } from './files.ts'

const at = (text: string, line: number, col: number, length?: number) =>
  excerpt({ file: join(files({ 'f.yaml': text }), 'f.yaml'), line, col, length })

it('shows the line with carets under the words', () => {
  expect(at('a: 1\nbecom: yes\n', 2, 1, 5)).toEqual(['2 | becom: yes', '  | ^^^^^'])
})
it('aligns carets under tabs and wide characters', () => {
  expect(at('\ta: x', 1, 2)).toEqual(['1 |     a: x', '  |     ^'])
  expect(at('日本: xy', 1, 5, 2)).toEqual(['1 | 日本: xy', '  |       ^^'])
})
it('shows nothing of a file or line that is not there', () => {
  expect(excerpt({ file: '/nonexistent', line: 1, col: 1 })).toEqual([])
  expect(at('a', 7, 1)).toEqual([])
})
it('formats place, code, message, excerpt, details and hint', () => {
  const file = join(files({ 'f.yaml': 'becom: yes\n' }), 'f.yaml')
  const error = new PlayError('playbook', 'unknown keyword becom', {
    pos: { file, line: 1, col: 1, length: 5 },
    details: ['one more thing'],
    hint: 'did you mean become?',
  })
  expect(formatError(error)).toBe(
    `${file}:1:1: error[playbook]: unknown keyword becom\n  1 | becom: yes\n    | ^^^^^\n  one more thing\n  hint: did you mean become?`,
  )
})
it('formats an error without a place', () => {
  expect(formatError(new PlayError('usage', 'no playbook given'))).toBe('error[usage]: no playbook given')
})
