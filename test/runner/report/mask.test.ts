import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoteConninfo, quoteLiteral, quoteWord } from '../../../contract/quote.ts'
import type { Event } from '../../../runner/report/events.ts'
import { jsonlReporter } from '../../../runner/report/jsonl.ts'
import { Masker, maskingReporter } from '../../../runner/report/mask.ts'
import { result, written } from './reports.ts'

const maskerOf = (...secrets: string[]) => {
  const masker = new Masker()
  for (const secret of secrets) masker.add(secret)
  return masker
}

test('a secret is hidden in every form that quoting and encoding give it', () => {
  const secret = `it's "a\\b" 100%&x`
  const masker = maskerOf(secret)
  const forms = [
    secret,
    JSON.stringify(secret),
    quoteWord(secret),
    quoteLiteral(secret),
    quoteConninfo(secret),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(`user:${secret}`).toString('base64'),
    Buffer.from(`some other user:${secret} and more`).toString('base64'),
  ]
  for (const form of forms) {
    expect(masker.mask(`before ${form} after`), form).toMatch(/^before .*\*{8}.* after$/)
    expect(masker.mask(form)).not.toContain('100')
  }
})

test('no text holds the secret any more', () => {
  const text = fc.string({ minLength: 4 }).filter((secret) => !/\*/.test(secret))
  fc.assert(
    fc.property(text, fc.string(), fc.string(), (secret, before, after) => {
      expect(maskerOf(secret).mask(before + secret + after)).not.toContain(secret)
    }),
  )
})

test('the longest secret wins, and a short one is hidden only as a whole value', () => {
  expect(maskerOf('abcd', 'abcdef').mask('x abcdef y abcd')).toBe('x ******** y ********')
  const short = maskerOf('ok')
  expect(short.mask('ok then')).toBe('ok then')
  expect(short.mask('ok')).toBe('********')
})

test('each line of a key is hidden', () => {
  const masker = maskerOf('-----BEGIN KEY-----\nbm90IGEga2V5\n-----END KEY-----\n')
  expect(masker.mask('+bm90IGEga2V5')).toBe('+********')
})

test('maskDeep reaches keys, lists, numbers and bytes, and leaves other values alone', () => {
  const masker = maskerOf('secret', '123456')
  const date = new Date(0)
  expect(
    masker.maskDeep({ 'a secret': ['secret', 1, 123456], b: Buffer.from('a secret'), date, n: null }),
  ).toEqual({
    'a ********': ['********', 1, '********'],
    b: 'a ********',
    date,
    n: null,
  })
  const none = { a: 1 }
  expect(new Masker().maskDeep(none)).toBe(none)
})

test('a reporter behind a masker never sees the secret, and its own words stay', async () => {
  const masker = maskerOf('task_result', 'ok', 'hunter2')
  const events: Event[] = [
    result({
      message: 'login hunter2 failed',
      result: { 'hunter2 x': { deep: ['hunter2'] } },
      command: { argv: "echo 'hunter2'", code: 1, stdout: 'hunter2', stderr: '' },
      changes: [{ path: '/x', before: 'a hunter2 b', after: null }],
    }),
  ]
  const output = await written((out) => maskingReporter(jsonlReporter(out), masker), events)
  expect(output).not.toContain('hunter2')
  expect(JSON.parse(output)).toMatchObject({
    event: 'task_result',
    status: 'ok',
    message: 'login ******** failed',
  })
})
