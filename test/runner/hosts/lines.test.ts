import { expect, test } from 'vitest'
import { LineSplitter } from '../../../runner/hosts/lines.ts'

function split(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  for (const chunk of chunks) splitter.push(Buffer.from(chunk as string))
  splitter.end()
  return lines
}

test('lines come without their ends, the last one also without a newline', () => {
  expect(split('one\ntwo\r\n', '\nth', 'ree')).toEqual(['one', 'two', '', 'three'])
})

test('progress drawn with carriage returns comes line by line', () => {
  expect(split('10 %\r', '20 %\r30 %\r', '\n')).toEqual(['10 %', '20 %', '30 %'])
})

test('a character cut in two is put together', () => {
  const bytes = Buffer.from('ü\n')
  expect(split(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['ü'])
})
