import { expect, test } from 'vitest'
import { unknown } from '../../../contract/unknown.ts'
import type { Event } from '../../../runner/report/events.ts'
import { type TextOptions, textReporter } from '../../../runner/report/text.ts'
import { counts, result, type Sink, written } from './reports.ts'

const options = { color: false, verbosity: 0, diff: false, check: false, width: 40 }
const text = (events: Event[], changed: Partial<TextOptions> = {}) =>
  written((out) => textReporter({ out, ...options, ...changed }), events)

test('a run reads as Ansible users know it', async () => {
  const output = await text([
    { event: 'run_start', playbooks: ['site.yaml'], check: false, hosts: ['vm1', 'vm2'], version: '1' },
    { event: 'play_start', play: 'prepare', hosts: ['vm1', 'vm2'], batch: [1, 2] },
    { event: 'task_start', play: 'prepare', task: 'Gathering Facts', kind: 'facts', at: 'site.yaml:1' },
    result({}),
    { event: 'task_start', play: 'prepare', task: 'write it', kind: 'task', at: 'site.yaml:5' },
    result({ status: 'changed', item: 'x', changes: [{ path: '/a', before: null, after: 'b' }] }),
    result({ status: 'skipped', host: 'vm2', message: 'when: false' }),
    result({ host: 'vm2', delegate: 'vm3', notes: ['moved to /old'] }),
    { event: 'retry', task: 'write it', host: 'vm1', item: null, attempt: 1, left: 2 },
    { event: 'warning', message: 'host keys are not verified', host: 'vm1' },
    { event: 'task_start', play: 'prepare', task: 'restart', kind: 'handler', at: 'site.yaml:9' },
    { event: 'progress', task: 'restart', host: 'vm1', line: '50 %' },
    { event: 'play_start', play: 'nobody', hosts: [] },
    { event: 'no_hosts', play: 'nobody', reason: 'no hosts matched' },
    {
      event: 'recap',
      hosts: { vm2: counts({ ok: 1, skipped: 1 }), vm1: counts({ ok: 3, changed: 1 }) },
      check: false,
      duration_ms: 1234,
      exit_code: 0,
    },
  ])
  expect(output).toBe(`
PLAY [prepare] (batch 1 of 2) **********

TASK [Gathering Facts] *****************
ok: [vm1]

TASK [write it] ************************
changed: [vm1] => (item=x)
skipping: [vm2]
ok: [vm2 -> vm3]
    moved to /old
FAILED - RETRYING: [vm1]: write it (2 retries left).
[WARNING]: [vm1] host keys are not verified

RUNNING HANDLER [restart] **************
PLAY [nobody]: no hosts matched

PLAY RECAP *****************************
vm1                        : ok=3    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
vm2                        : ok=1    changed=0    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0

done in 1.23 s
`)
})

test('a failure shows the message, the command, its exit code, both streams, what to do and where', async () => {
  const failed = result({
    status: 'failed',
    ignored: true,
    error: {
      code: 'task',
      message: 'pg_ctl failed',
      hint: 'look at the log',
      details: ['a detail'],
      at: 'x.yaml:3:5',
    },
    command: { argv: 'pg_ctl start', code: 1, stdout: 'one\ntwo\n', stderr: 'bad\n' },
  })
  expect(await text([failed])).toBe(`fatal: [vm1]: FAILED! =>
    pg_ctl failed
    a detail
    command: pg_ctl start
    exit code: 1
    stdout:
        one
        two
    stderr:
        bad
    hint: look at the log
    at: x.yaml:3:5
...ignoring
`)
  expect(await text([result({ status: 'failed', item: 'x', message: 'no' })])).toBe(
    'failed: [vm1] (item=x) =>\n    no\n',
  )
  const unreachable = result({
    status: 'unreachable',
    error: { code: 'host_key', message: 'the host key changed', hint: 'ssh-keygen -R vm1', details: [] },
  })
  expect(await text([unreachable])).toBe(
    'fatal: [vm1]: UNREACHABLE! =>\n    the host key changed\n    hint: ssh-keygen -R vm1\n',
  )
})

test('a long stream is cut at its end unless -v asks for all', async () => {
  const stdout = Array.from({ length: 500 }, (_, index) => `line ${index}`).join('\n')
  const failed = result({
    status: 'failed',
    message: 'no',
    command: { argv: 'x', code: 1, stdout, stderr: '' },
  })
  const short = await text([failed])
  expect(short).toContain('(400 lines before these; -v shows them)')
  expect(short).not.toContain('line 399\n')
  expect(short).toContain('line 499\n')
  expect(await text([failed], { verbosity: 1 })).toContain('line 0\n')
})

test('a check lists each change in one line and closes with what is planned', async () => {
  const output = await text(
    [
      result({
        status: 'changed',
        changes: [
          {
            path: 'setting wal_level',
            before: 'replica',
            after: 'logical',
            reason: 'restart: wal_level needs one',
          },
          { path: '/etc/a', before: 'a\nb\nc\n', after: 'a\nx\nc\nd\n', text: true },
          { path: '/etc/b', before: null, after: 'a\n', text: true },
          { path: 'cluster 15/main', before: { state: 'up' }, after: null, destructive: true },
          { path: 'role repl password', before: 'old', after: 'new', sensitive: true },
        ],
      }),
      result({ status: 'unknown', host: 'vm2', message: 'the output of "date"' }),
      {
        event: 'recap',
        hosts: { vm1: counts({ changed: 1, unknown: 1 }) },
        check: true,
        duration_ms: 100,
        exit_code: 0,
      },
    ],
    { check: true },
  )
  expect(output).toContain(`changed: [vm1]
    setting wal_level: replica → logical (restart: wal_level needs one)
    /etc/a: +2 -1 lines
    /etc/b: absent → 1 line
    cluster 15/main: {"state":"up"} → absent (destructive)
    role repl password: (hidden) → (hidden)
unknown: [vm2] (waits for: the output of "date")
`)
  expect(output).toContain('ignored=0    unknown=1\n')
  expect(output).toContain(
    'check: 5 changes planned on 1 host (1 destructive); nothing was touched, 0.10 s\n',
  )
})

test('--diff shows unified diffs of texts and both values of the rest', async () => {
  const output = await text(
    [
      result({
        status: 'changed',
        changes: [
          { path: '/etc/a', before: 'a\nb\n', after: 'a\nc\n', text: true },
          { path: '/etc/b', before: null, after: 'x', text: true },
          { path: 'mode', before: '0600', after: '0640' },
          { path: 'key', before: null, after: 'secret\nkey\n', text: true, sensitive: true },
        ],
      }),
    ],
    { diff: true },
  )
  expect(output).toBe(`changed: [vm1]
    --- before: /etc/a
    +++ after: /etc/a
    @@ -1,2 +1,2 @@
     a
    -b
    +c
    --- before: /etc/b
    +++ after: /etc/b
    @@ -1,0 +1,1 @@
    +x
    \\ No newline at end of file
    mode: 0600 → 0640
    key: absent → (hidden)
`)
})

test('texts that differ in everything are told by their numbers of lines, in a moment, however many there are', async () => {
  const lines = (word: string) => Array.from({ length: 60_000 }, (_, at) => `${word} ${at}\n`).join('')
  const change = { path: '/srv/a', before: lines('old'), after: lines('new'), text: true }
  const changed = result({ status: 'changed', changes: Array.from({ length: 20 }, () => change) })
  const { user } = process.cpuUsage()
  const output = await text([changed], { diff: true })
  expect((process.cpuUsage().user - user) / 1e6).toBeLessThan(5)
  expect(output).toContain('(too different to be shown line by line: 60000 lines → 60000 lines)\n')
  expect(await text([changed], { check: true })).toContain('/srv/a: 60000 lines → 60000 lines\n')
})

test('no_log hides everything but the status', async () => {
  const hidden = result({
    status: 'failed',
    no_log: true,
    message: 'SECRET',
    changes: [{ path: 'SECRET', before: null, after: 'SECRET' }],
    error: { code: 'task', message: 'SECRET', details: ['SECRET'], hint: 'SECRET' },
    command: { argv: 'SECRET', code: 1, stdout: 'SECRET', stderr: '' },
    result: { msg: 'SECRET' },
    notes: ['SECRET'],
  })
  const output = await text([hidden, { ...hidden, status: 'changed' }], { verbosity: 3, diff: true })
  expect(output).not.toContain('SECRET')
  expect(output).toContain('hidden by no_log')
})

test('-v shows the fields of a result, and debug shows them always', async () => {
  const fields = { rc: 0, stdout: 'a\nb', list: [1], later: unknown('not run') }
  expect(await text([result({ result: fields })])).toBe('ok: [vm1]\n')
  expect(await text([result({ result: fields })], { verbosity: 1 })).toBe(`ok: [vm1]
    rc: 0
    stdout:
        a
        b
    list:
        [
          1
        ]
    later: "(unknown: not run)"
`)
  expect(await text([result({ module: 'debug', shown: true, result: { msg: 'hello' } })])).toBe(
    'ok: [vm1]\n    msg: hello\n',
  )
})

test('what a host says cannot move the cursor or reorder text', async () => {
  const evil = '\u001b[2J\u0007\u009b\u202e\r'
  const output = await text([
    result({
      status: 'failed',
      message: evil,
      item: `${evil}\n`,
      command: { argv: evil, code: 1, stdout: evil, stderr: evil },
    }),
    { event: 'warning', message: evil },
  ])
  expect(output).not.toMatch(/[^\P{C}\n]/u)
  expect(output).toContain('\\e[2J\\x07\\x9b\\u{202e}\\r')
})

test('colours are those of Ansible, and none without color', async () => {
  const events = [
    result({}),
    result({ status: 'changed' }),
    result({ status: 'skipped' }),
    result({ status: 'unknown' }),
  ]
  const output = await text([...events, result({ status: 'failed' })], { color: true })
  expect(output.split('\n').map((line) => /\u001b\[(\d+)m/.exec(line)?.[1])).toEqual([
    '32',
    '33',
    '36',
    '35',
    '31',
    '31',
    undefined,
  ])
  expect(await text(events)).not.toContain('\u001b')
})

test('progress is one changing line on a terminal, and silent elsewhere without -v', async () => {
  const progress: Event = { event: 'progress', task: 't', host: 'vm1', line: '10 %' }
  const tty = await written(
    (out: Sink) => {
      out.isTTY = true
      return textReporter({ out, ...options })
    },
    [progress, { ...progress, line: '20 %' }, result({})],
  )
  expect(tty).toBe('\r\u001b[2K    [vm1] 10 %\r\u001b[2K    [vm1] 20 %\r\u001b[2Kok: [vm1]\n')
  expect(await text([progress])).toBe('')
  expect(await text([progress], { verbosity: 1 })).toBe('    [vm1] 10 %\n')
  expect(await text([{ ...progress, seconds: 70 }])).toBe('    [vm1] 1 min 10 s 10 %\n')
})

test('a note that is the same on many hosts is said once in a task, and under each with -v', async () => {
  const start: Event = { event: 'task_start', play: 'p', task: 't', kind: 'task', at: 'x:1' }
  const same = ['vm1', 'vm2'].map((host) => result({ host, notes: ['a restart is due'] }))
  const times = async (verbosity: number) =>
    (await text([start, ...same, start, ...same], { verbosity })).split('a restart is due').length - 1
  expect(await times(0)).toBe(2)
  expect(await times(1)).toBe(4)
})

test('a long command is shown by its beginning, and whole with -v', async () => {
  const argv = `sh -c '${'x'.repeat(300)}'`
  const failed = result({ status: 'failed', command: { argv, code: 1, stdout: '', stderr: 'no' } })
  expect(await text([failed])).toContain(`command: ${argv.slice(0, 200)}… (-v shows all of it)\n`)
  expect(await text([failed], { verbosity: 1 })).toContain(`command: ${argv}\n`)
})

test('hosts that are ok or skipped can be left out, with the headings of tasks that show none', async () => {
  const start = (task: string): Event => ({ event: 'task_start', play: 'p', task, kind: 'task', at: 'x:1' })
  const shown = await text(
    [
      start('one'),
      result({}),
      result({ status: 'skipped', host: 'vm2' }),
      start('two'),
      result({}),
      result({ status: 'changed', host: 'vm2' }),
      start('three'),
      result({ notes: ['a restart is due'] }),
    ],
    { hides: ['ok', 'skipped'] },
  )
  expect(shown.replace(/ \*+/g, '')).toBe(
    '\nTASK [two]\nchanged: [vm2]\n\nTASK [three]\nok: [vm1]\n    a restart is due\n',
  )
})
