import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { Output } from '../../../runner/report/output.ts'

test('waits for the reader, and loses nothing', async () => {
  const chunks: string[] = []
  let release: (() => void) | undefined
  const slow = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      release = done
    },
  })
  const output = new Output(slow)
  output.write('a')
  output.write('b')
  const closed = output.close()
  output.write('c')
  expect(chunks).toEqual(['ab'])
  release!()
  await new Promise((resolve) => setImmediate(resolve))
  expect(chunks).toEqual(['ab', 'c'])
  release!()
  await closed
})

test('a reader that goes away ends the writing quietly', async () => {
  const gone = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const output = new Output(gone)
  output.write('a')
  await output.close()
  output.write('b')
  await output.close()
})
