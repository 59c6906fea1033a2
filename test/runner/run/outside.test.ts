import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const playbook = (tasks: string): string =>
  `# play: language=jinja\n- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`

/** ms: the longest time in which nothing else had its turn. */
async function longestStop<T>(work: () => Promise<T>): Promise<{ made: T; stop: number }> {
  let last = performance.now()
  let stop = 0
  const look = () => {
    stop = Math.max(stop, performance.now() - last)
    last = performance.now()
  }
  const timer = setInterval(look, 10)
  try {
    const made = await work()
    look()
    return { made, stop }
  } finally {
    clearInterval(timer)
  }
}

/** Keywords of the play, and places of a task beside its arguments: sleeping in each. */
const SLEEP = (said: string): string => `"{{ lookup('pipe', 'sleep 2; echo ${said}') }}"`
const IN_PLAY: Record<string, string> = {
  serial: `serial: ${SLEEP('1')}`,
  port: `port: ${SLEEP('22')}`,
  remote_user: `remote_user: ${SLEEP('x')}`,
  any_errors_fatal: `any_errors_fatal: ${SLEEP('false')}`,
  gather_facts: `gather_facts: ${SLEEP('false')}`,
}
const BESIDE: Record<string, string> = {
  "a task's name": `- { name: ${SLEEP('a')}, debug: { msg: a } }`,
  tags: `- { debug: { msg: a }, tags: ${SLEEP('a')} }`,
  throttle: `- { debug: { msg: a }, throttle: ${SLEEP('1')} }`,
  run_once: `- { debug: { msg: a }, run_once: ${SLEEP('true')} }`,
  no_log: `- { debug: { msg: a }, no_log: ${SLEEP('false')} }`,
  check_mode: `- { debug: { msg: a }, check_mode: ${SLEEP('false')} }`,
  become_user: `- { debug: { msg: a }, become: true, become_user: ${SLEEP('root')} }`,
  'the name of an include': `- { name: ${SLEEP('a')}, include_tasks: more.yaml }`,
}

const PLACES: Record<string, string> = {
  password_hash: `- debug: { msg: "{{ 'x' | password_hash('sha512', 'ab', rounds=1500000) | length > 9 }}" }`,
  'an argument': `- debug: { msg: "{{ lookup('pipe', 'sleep 2; echo a') }}" }`,
  'a variable': `- debug: { msg: "{{ x }}" }\n  vars: { x: "{{ lookup('pipe', 'sleep 2; echo a') }}" }`,
  'a condition': `- debug: { msg: a }\n  when: lookup('pipe', 'sleep 2; echo a') == 'a'`,
  changed_when: `- command: echo a\n  changed_when: lookup('pipe', 'sleep 2; echo a') == 'a'`,
  'a loop': `- debug: { msg: "{{ item }}" }\n  loop: "{{ query('pipe', 'sleep 2; echo a') }}"`,
  with_lines: `- debug: { msg: "{{ item }}" }\n  with_lines: sleep 2; echo a`,
  'a label': `- debug: { msg: a }\n  loop: [1]\n  loop_control: { label: "{{ lookup('pipe', 'sleep 2; echo a') }}" }`,
  delegate_to: `- debug: { msg: a }\n  delegate_to: "{{ lookup('pipe', 'sleep 2; echo h1') }}"`,
  environment: `- command: printenv A\n  environment: { A: "{{ lookup('pipe', 'sleep 2; echo a') }}" }`,
  meta: `- meta: noop\n  when: lookup('pipe', 'sleep 2; echo a') == 'a'\n- debug: { msg: a }`,
}

it.each(Object.entries(PLACES))('what %s waits for keeps nothing else from going on', async (_, task) => {
  const { made, stop } = await longestStop(() => runLocally(playbook(task)))
  expect(made.lines.filter((line) => /h1 .*(ok|changed)$/.test(line))).toHaveLength(1)
  expect(stop).toBeLessThan(1800)
})

it.each(Object.entries(BESIDE))('what %s waits for keeps nothing else from going on', async (_, task) => {
  const files = { 'more.yaml': '- debug: { msg: a }\n' }
  const { made, stop } = await longestStop(() => runLocally(playbook(task), { files }))
  expect(made.code).toBe(0)
  expect(made.recap.hosts.h1?.ok).toBeGreaterThan(0)
  expect(stop).toBeLessThan(1800)
})

const inPlay = (keyword: string): string =>
  playbook('- debug: { msg: a }').replace('  gather_facts: false\n', `  ${keyword}\n`)

it.each(Object.entries(IN_PLAY))(
  'what %s of a play waits for keeps nothing else from going on',
  async (name, keyword) => {
    const gathers = name === 'gather_facts' ? '' : '\n  gather_facts: false'
    const { made, stop } = await longestStop(() => runLocally(inPlay(keyword + gathers)))
    expect(made.lines).toEqual(['h1 debug ok'])
    expect(stop).toBeLessThan(1800)
  },
)

it.each([
  ...Object.entries(IN_PLAY).map(([name, keyword]) => [name, inPlay(keyword)] as const),
  ...Object.entries(BESIDE).map(([name, task]) => [name, playbook(task)] as const),
])('Ctrl-C ends waiting for %s', async (_, text) => {
  const started = performance.now()
  const signal = setTimeout(() => process.kill(process.pid, 'SIGINT'), 500)
  const files = { 'more.yaml': '- debug: { msg: a }\n' }
  const code = await runLocally(text.replaceAll('sleep 2', 'sleep 600'), { files }).then(
    (ran) => ran.code,
    (error) => error.code,
  )
  clearTimeout(signal)
  expect([99, 'interrupted']).toContain(code)
  expect(performance.now() - started).toBeLessThan(8000)
})

it.each([
  ['pipe', `debug: { msg: "{{ lookup('pipe', 'exec sleep 600') }}" }`],
  ['pipe of a shell that has children', `debug: { msg: "{{ lookup('pipe', 'sleep 600; true') }}" }`],
  ['a template file', 'template: { src: a.j2, dest: "/tmp/nowhere-{{ inventory_hostname }}" }'],
])('Ctrl-C ends waiting for %s', async (_, task) => {
  let signalled = 0
  const { code, lines } = await runLocally(playbook(`- ${task}\n- debug: { msg: behind }`), {
    files: { 'a.j2': "{{ lookup('pipe', 'sleep 600') }}" },
    onEvent(event) {
      if (event.event !== 'task_start' || signalled > 0) return
      signalled = performance.now()
      setTimeout(() => process.kill(process.pid, 'SIGINT'), 300)
    },
  })
  expect(code).toBe(99)
  expect(lines.join()).not.toContain('behind')
  expect(performance.now() - signalled).toBeLessThan(10_000)
})

it("a task's timeout ends what its templates ask", async () => {
  const { results } = await runLocally(
    playbook(`- debug: { msg: "{{ lookup('pipe', 'sleep 600') }}" }\n  timeout: 1`),
  )
  expect(results[0]).toMatchObject({ status: 'failed', message: expect.stringContaining('longer than 1 s') })
})

it('the timeout is for all that a task asks together', async () => {
  const each = `{% for i in range(40) %}{{ lookup('pipe', 'sleep 0.3; echo ' ~ i) }}{% endfor %}`
  const { results, recap } = await runLocally(playbook(`- debug: { msg: "${each}" }\n  timeout: 1`))
  expect(results[0]).toMatchObject({ status: 'failed', message: expect.stringContaining('longer than 1 s') })
  expect(recap.duration_ms).toBeLessThan(6000)
})

it('a password that takes too many rounds of bcrypt is refused', async () => {
  const { results } = await runLocally(
    playbook(`- debug: { msg: "{{ 'x' | password_hash('bcrypt', rounds=17) }}" }`),
  )
  expect(results[0]?.message).toBe('password_hash: 17 rounds of bcrypt are not from 4 to 16')
})

it('a program runs in its turn, once, and sees what the tasks before it did', async () => {
  const { results } = await runLocally(
    playbook(`
- copy: { content: "", dest: "{{ dir }}/count" }
- shell: echo before >> {{ dir }}/count
- debug: { msg: "{{ lookup('pipe', cmd) }} {{ lookup('pipe', cmd) }}" }
  vars: { cmd: "echo x >> {{ dir }}/count; cat {{ dir }}/count" }
  when: lookup('pipe', 'cat ' ~ dir ~ '/count') == 'before'`),
  )
  expect(results[2]?.result?.msg).toBe('before\nx before\nx')
})

it('a program that fails says what it said, at its place', async () => {
  const { results } = await runLocally(
    playbook(`- debug: { msg: "{{ lookup('pipe', 'echo no >&2; exit 3') }}" }`),
  )
  expect(results[0]?.error).toMatchObject({
    message: 'the command of the lookup pipe failed with 3',
    hint: 'it said: no',
    at: expect.stringMatching(/site.yaml:5:\d+/),
  })
})

it.each([
  [
    '{{ lookup("password", "hosts.ini/x") }}',
    /the lookup password: .*hosts.ini\/?.* does not exist|is there already/,
  ],
  ['{{ lookup("file", "files") }}', /there is no file 'files'/],
  ['{{ lookup("url", "http://127.0.0.1:2/") }}', /nothing answers there/],
  [
    '{{ ("[" * 100000) | from_yaml }}',
    /line 1, column 101: lists and mappings are nested more than 100 deep/,
  ],
  ['{{ ("[" * 100000) | from_json }}', /deep/],
  ['{{ ("{a: " * 100000) | from_yaml }}', /deep/],
])('%s fails in our words, at its place', async (text, message) => {
  const { results } = await runLocally(playbook(`- debug: { msg: '${text}' }`), { files: { 'files/x': '' } })
  expect(results[0]?.error).toMatchObject({
    code: expect.not.stringMatching('internal'),
    message: expect.stringMatching(message),
    at: expect.stringMatching(/site.yaml:5:\d+/),
  })
})

it('password_hash is the same with a salt, and another one each time without', async () => {
  const { results } = await runLocally(
    playbook(`
- debug:
    msg: ["{{ 'x' | password_hash('sha512', 'salt') }}", "{{ 'x' | password_hash('sha512', 'salt') }}"]
- debug: { msg: "{{ 'x' | password_hash('sha512', rounds=60000) }}" }
- debug: { msg: "{{ 'x' | password_hash('sha512', rounds=60000) }}" }`),
  )
  const [same, one, other] = results.map(({ result }) => result?.msg)
  expect((same as string[])[0]).toBe((same as string[])[1])
  expect(one).toMatch(/^\$6\$rounds=60000\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/)
  expect(one).not.toBe(other)
})

it('what unvault gives is masked', async () => {
  const { events } = await runLocally(
    playbook(`- command: echo {{ 'a secret of mine' | vault('long password') | unvault('long password') }}`),
  )
  expect(JSON.stringify(events)).not.toContain('a secret of mine')
})

// The last one: what is computed of bcrypt goes on for a while.
it.each([
  ['sha512', 'rounds=900000000'],
  ['bcrypt', 'rounds=16'],
])("a task's timeout and Ctrl-C end hashing a password with %s", async (kind, rounds) => {
  const hash = `debug: { msg: "{{ 'x' | password_hash('${kind}', ${rounds}) }}" }`
  const late = await runLocally(playbook(`- ${hash}\n  timeout: 0.5`))
  expect(late.results[0]).toMatchObject({
    status: 'failed',
    message: 'password_hash: it took longer than 0.5 s',
    error: { at: expect.stringMatching(/site.yaml:5:\d+/) },
  })
  expect(late.recap.duration_ms).toBeLessThan(5000)
  const stopped = await runLocally(playbook(`- ${hash}\n- debug: { msg: behind }`), {
    onEvent: ({ event }) =>
      event === 'task_start' && setTimeout(() => process.kill(process.pid, 'SIGINT'), 300),
  })
  expect(stopped.code).toBe(99)
  expect(stopped.recap.duration_ms).toBeLessThan(5000)
})
