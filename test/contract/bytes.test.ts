import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesOf, plainText, strayByte, textOf } from '../../contract/bytes.ts'

/** Pieces of UTF-8, whole and cut, and bytes that are none. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => new TextEncoder().encode(text)),
      fc
        .constantFrom([0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xef, 0xbf, 0xbd], [0xf4, 0x90, 0x80, 0x80], [0xe9])
        .map((codes) => Uint8Array.from(codes)),
    ),
  )
  .map((parts) => Buffer.concat(parts))

const isUtf8 = (buffer: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(buffer)
    return true
  } catch {
    return false
  }
}

it('any bytes are a text, and that text is the same bytes', () => {
  fc.assert(
    fc.property(bytes, (buffer) => {
      const text = textOf(buffer)
      expect(bytesOf(text).equals(buffer)).toBe(true)
      if (isUtf8(buffer)) expect(text).toBe(buffer.toString())
    }),
    { numRuns: 2000 },
  )
})

it('what is put between does not change the others', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.string({ unit: 'grapheme' }), (before, behind, added) => {
      const whole = Buffer.concat([before, Buffer.from('\n'), behind])
      const text = textOf(whole)
      const at = text.indexOf('\n') + 1
      const edited = bytesOf(`${text.slice(0, at)}${added}\n${text.slice(at)}`)
      const cut = whole.indexOf('\n') + 1
      expect(
        edited.equals(
          Buffer.concat([whole.subarray(0, cut), Buffer.from(`${added}\n`), whole.subarray(cut)]),
        ),
      ).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

it('a text that is read is refused at its first byte that is none', () => {
  fc.assert(
    fc.property(bytes, (buffer) => {
      expect(strayByte(textOf(buffer)) === undefined).toBe(isUtf8(buffer))
    }),
  )
  expect(() => plainText(Buffer.from('a\nb\xe4\xf6', 'latin1'), 'x.sql')).toThrow(
    /^x\.sql:2:2: the byte 0xE4 is no UTF-8$/,
  )
  expect(plainText(Buffer.from('ä'), 'x.sql')).toBe('ä')
})
