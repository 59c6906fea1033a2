import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoteConninfo, quoteLiteral, quoteWord } from '../../../contract/quote.ts'
import type { Event } from '../../../runner/report/events.ts'
import { jsonlReporter } from '../../../runner/report/jsonl.ts'
import { isCommon, Masker, maskingReporter } from '../../../runner/report/mask.ts'
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
    Buffer.from(`user:${secret}`).toString('base64url'),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    encodeURIComponent(secret)
      .replace(/%../g, (code) => code.toLowerCase())
      .replaceAll("'", '%27'),
    encodeURIComponent(secret).replaceAll('%20', '+'),
    JSON.stringify(JSON.stringify(secret)),
    `"${secret.replace(/[\\"$`]/g, '\\$&')}"`,
    quoteLiteral(`host=x password=${quoteConninfo(secret)}`),
    quoteWord(quoteLiteral(secret)),
    `"${secret.replaceAll('"', '""')}"`,
  ]
  for (const form of forms) {
    expect(masker.mask(`before ${form} after`), form).toMatch(/^before .*\*{8}.* after$/)
    expect(masker.mask(form)).not.toContain('100')
  }
})

test('no text holds the secret any more', () => {
  // Common words and short numbers are hidden as whole values alone, in whatever case: docs/security.md.
  const text = fc.string({ minLength: 4 }).filter((secret) => !/\*/.test(secret) && !isCommon(secret))
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

test('what is all of a value is hidden there alone, where it is a word or a number that stands everywhere', () => {
  const masker = maskerOf('postgres', '5432')
  expect(masker.maskDeep({ owner: 'postgres', port: 5432, say: 'postgres listens on 5432' })).toEqual({
    owner: '********',
    port: '********',
    say: 'postgres listens on 5432',
  })
})

test('what stands under the name of a secret is hidden at any depth, who it is for is not', () => {
  const event = {
    db: { user: 'app', api_key: 'K3y-9', ports: [1] },
    credentials: { username: 'app', key: 'K3y-8', pins: [1234, 77] },
    env: [{ name: 'PGPASSWORD', value: 'K3y-7' }],
    empty: { password: '' },
    has_password: true,
  }
  expect(new Masker().maskDeep(event)).toEqual({
    db: { user: 'app', api_key: '********', ports: [1] },
    credentials: { username: 'app', key: '********', pins: ['********', '********'] },
    env: [{ name: 'PGPASSWORD', value: '********' }],
    empty: { password: '' },
    has_password: true,
  })
})

test('a setting that is a secret by its name is hidden in its change', async () => {
  const changes = [
    { path: 'setting ssl_passphrase_command', before: 'echo old-1', after: 'echo new-1' },
    { path: '/etc/app/api_token', before: null, after: 'K3y-9\n' },
    { path: '/etc/app/api_token', before: null, after: 'mode 0600' },
  ]
  const output = await written(
    (out) => maskingReporter(jsonlReporter(out), new Masker()),
    [result({ changes })],
  )
  expect(JSON.parse(output).changes).toEqual([
    {
      path: 'setting ssl_passphrase_command',
      before: '********',
      after: '********',
      reason: 'what differs is secret',
    },
    { path: '/etc/app/api_token', before: null, after: '********' },
    { path: '/etc/app/api_token', before: null, after: 'mode 0600' },
  ])
})

test('what a host says is a secret by its name also where it looks like a template; what the user wrote is not yet', () => {
  const masker = new Masker()
  masker.learnResult('db_pwd', { stdout: 'Kr{{0}}k', rc: 7, cmd: ['cat', 'file'] })
  masker.learn({ db_pwd: '{{ other }}-1' })
  expect(masker.mask('it is Kr{{0}}k, {{ other }}-1, 7')).toBe('it is ********, {{ other }}-1, 7')
})

test('each line of a key is hidden', () => {
  const masker = maskerOf('-----BEGIN KEY-----\nbm90IGEga2V5\n-----END KEY-----\n')
  expect(masker.mask('+bm90IGEga2V5')).toBe('+********')
})

test('maskDeep reaches keys, lists, numbers and bytes, and leaves other values alone', () => {
  const masker = maskerOf('s3cret', '123456')
  const date = new Date(0)
  expect(
    masker.maskDeep({ 'a s3cret': ['s3cret', 1, 123456], b: Buffer.from('a s3cret'), date, n: null }),
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

test('what a host nests deeply is shown up to some depth, and nothing runs out of stack', () => {
  const masker = new Masker()
  let deep: unknown = 'SECRET'
  for (let n = 0; n < 20_000; n++) deep = n % 2 ? [deep] : { inner: deep }
  masker.learn({ deep })
  masker.learnResult('it', { deep })
  const shown = JSON.stringify(masker.maskDeep(deep))
  expect(shown).toContain('(nested more than 200 deep)')
  expect(shown).not.toContain('SECRET')
})

test('what is written over the end of a line, or in other letters, is hidden; two words that make up a secret are none', () => {
  const masker = maskerOf('korrekt-pferd7 batterie')
  for (const form of [
    'korrekt-pferd7\n    batterie',
    'korrekt-\\\n  pferd7\\\n  \\ batterie',
    'KORREKT-PFERD7 BATTERIE',
    '"korrekt-pferd7" "batterie"',
    'korrekt-pferd7+batterie',
  ])
    expect(masker.mask(`a: ${form} b`), form).toMatch(/^a: "?\*{8}"? b$/)
  expect(maskerOf('wochenende').mask('jede woche nende, woche\tnende, woche+nende')).not.toContain('*')
})

test('what a secret says in base64 is one too', () => {
  expect(maskerOf(Buffer.from('hunter2 and more').toString('base64')).mask('it is hunter2 and more')).toBe(
    'it is ********',
  )
})

test('a quoted word that stands everywhere is hidden where it is all of a value', () => {
  const masker = maskerOf('"postgres"')
  expect(masker.mask('the role postgres')).toBe('the role postgres')
  expect(masker.mask('the role "postgres"')).toBe('the role ********')
})
