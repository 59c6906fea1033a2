import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader } from '../../../runner/hosts/frame.ts'

const command = fc.record({
  output: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  code: fc.integer({ min: 0, max: 255 }),
  marker: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((id) => `\x1e${Buffer.from(id).toString('hex')}`),
})

/** Cuts bytes at arbitrary places. */
function cut(bytes: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

test('every command gets its bytes and its exit code, wherever the stream is cut', () => {
  const commands = fc.uniqueArray(command, { maxLength: 8, selector: (one) => one.marker })
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(commands, sizes, (list, cuts) => {
      const stream = Buffer.concat(
        list.flatMap(({ output, code, marker }) => [output, Buffer.from(`${marker}${code}\n`)]),
      )
      const reader = new FrameReader()
      const seen = list.map(({ marker }) => {
        const result = { parts: [] as Buffer[], code: -1 }
        reader.expect({
          marker: Buffer.from(marker),
          data: (part) => result.parts.push(part),
          end: (code) => {
            result.code = code
          },
        })
        return result
      })
      for (const chunk of cut(stream, cuts)) reader.push(chunk)
      for (const [index, { output, code }] of list.entries()) {
        expect(seen[index]!.code).toBe(code)
        expect(Buffer.concat(seen[index]!.parts).equals(output)).toBe(true)
      }
    }),
  )
})

test('output that begins like a marker is passed on as soon as it is told apart', () => {
  const reader = new FrameReader()
  const parts: string[] = []
  reader.expect({
    marker: Buffer.from('\x1eabcdef'),
    data: (part) => parts.push(part.toString()),
    end: () => {},
  })
  reader.push(Buffer.from('x\x1eabc'))
  expect(parts).toEqual(['x'])
  reader.push(Buffer.from('Z'))
  expect(parts.join('')).toBe('x\x1eabcZ')
})

test('output while no command runs belongs to no command', () => {
  const reader = new FrameReader()
  const parts: string[] = []
  reader.push(Buffer.from('late words of a background process\n'))
  reader.expect({
    marker: Buffer.from('\x1emark'),
    data: (part) => parts.push(part.toString()),
    end: () => {},
  })
  reader.push(Buffer.from('own\x1emark0\n'))
  expect(parts).toEqual(['own'])
})
