import fc from 'fast-check'
import { expect, it } from 'vitest'
import { jsonText, parseJson } from '../../contract/exact-json.ts'

/** Values of JSON with whole numbers of any size, and what only looks like one. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.constantFrom(true, null, '#', '##1', '12345678901234567890', '"1234567890123456789"', '\\'),
    fc.array(tie('value')),
    fc.dictionary(fc.constantFrom('a', '#', '9007199254740993'), tie('value')),
  ),
}))

const written = (one: unknown): string =>
  typeof one === 'bigint'
    ? String(one)
    : Array.isArray(one)
      ? `[${one.map(written).join(', ')}]`
      : typeof one === 'object' && one !== null
        ? `{${Object.entries(one).map(([key, inner]) => `${JSON.stringify(key)}:${written(inner)}`)}}`
        : JSON.stringify(one)

/** As they are read: those that a number holds exactly are numbers. */
const read = (one: unknown): unknown =>
  typeof one === 'bigint'
    ? Number.isSafeInteger(Number(one))
      ? Number(one)
      : one
    : Array.isArray(one)
      ? one.map(read)
      : typeof one === 'object' && one !== null
        ? Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, read(inner)]))
        : one

it('every whole number is that number', () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(parseJson(written(one))).toEqual(read(one))
    }),
  )
  expect(parseJson('{"a": [9007199254740993, -7234567890123456789, 12], "b": "9007199254740993"}')).toEqual({
    a: [9007199254740993n, -7234567890123456789n, 12],
    b: '9007199254740993',
  })
})

it('what is no JSON is none', () => {
  for (const text of ['', '1234567890123456789 x', '{"a": 12345678901234567890', '01234567890123456789'])
    expect(() => parseJson(text), text).toThrow(SyntaxError)
})

it('what is written is read as it was, and as JSON.stringify writes it where that can', () => {
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (one, indent) => {
      expect(parseJson(jsonText(one, indent))).toEqual(read(one))
      expect(jsonText(read(one), indent)).toBe(jsonText(read(one), indent, (_, inner) => inner))
    }),
  )
  const odd = { '#': ['#1', '##', null, 12345678901234567890n], n: [Number.NaN, -Infinity, -1n] }
  expect(jsonText(odd)).toBe('{"#":["#1","##",null,12345678901234567890],"n":[NaN,-Infinity,-1]}')
  expect(jsonText({ a: [null, 'x'] }, 2)).toBe(JSON.stringify({ a: [null, 'x'] }, null, 2))
  const ring: unknown[] = []
  ring.push(ring)
  expect(() => jsonText(ring)).toThrow(TypeError)
})
