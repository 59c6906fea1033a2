import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const SECRET = 'Kr0k0dil-9x'
/** Of each play: `head` beside its tasks. */
const play = (tasks: string, head = ''): string =>
  `- hosts: all\n  gather_facts: false\n${head.trim().replace(/^/gm, '  ')}\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`

/** Everything that a reporter would be given, as text. */
async function told(playbook: string, options: Parameters<typeof runLocally>[1] = {}): Promise<string> {
  const { events } = await runLocally(playbook, options)
  const results = events.filter((event) => event.event === 'task_result')
  expect(results.length).toBeGreaterThan(0)
  return JSON.stringify(events)
}

const show = '- debug: { msg: "it is {{ db_pwd }}, so" }'

it.each([
  ['vars of a play', play(show, `vars: { db_pwd: ${SECRET} }`), {}],
  ['vars of a task', play(`${show}\n  vars: { db_pwd: ${SECRET} }`), {}],
  ['vars of a block', play(`- vars: { db_pwd: ${SECRET} }\n  block:\n    ${show}`), {}],
  ['vars_files', play(show, 'vars_files: [more.yaml]'), { files: { 'more.yaml': `db_pwd: ${SECRET}\n` } }],
  ['group_vars', play(show), { files: { 'group_vars/all.yaml': `db_pwd: ${SECRET}\n` } }],
  ['host_vars', play(show), { files: { 'host_vars/h1.yaml': `db_pwd: ${SECRET}\n` } }],
  ['-e', play(show), { args: ['-e', `db_pwd=${SECRET}`] }],
  ['set_fact', play(`- set_fact: { db_pwd: ${SECRET} }\n${show}`), {}],
  [
    'set_fact of what a command said',
    play(`- shell: echo Kr0k0dil"-"9x\n  register: out\n- set_fact: { db_pwd: "{{ out.stdout }}" }\n${show}`),
    { hidden: 2 },
  ],
  ['a template', play(show, 'vars: { half: Kr0k0dil, db_pwd: "{{ half }}-9x" }'), {}],
  [
    'an included file',
    play('- include_tasks: "{{ f }}.yaml"', 'vars: { f: more }'),
    { files: { 'more.yaml': `${show}\n  vars: { db_pwd: ${SECRET} }\n` } },
  ],
  [
    'the name of a registered result',
    play(`- shell: echo Kr0k0dil"-"9x\n  register: db_pwd\n- debug: { msg: "{{ db_pwd.stdout }}" }`),
    {},
  ],
  [
    'a nested mapping',
    play('- debug: { msg: "{{ db.password }}" }', `vars: { db: { user: app, password: ${SECRET} } }`),
    {},
  ],
  ['a list', play('- debug: { msg: "x{{ tokens.[1] }}x" }', `vars: { tokens: [other-1, ${SECRET}] }`), {}],
  [
    'an item of a loop',
    play(`- debug: { msg: "{{ item.password }}" }\n  loop: [{ name: a, password: ${SECRET} }]`),
    {},
  ],
  [
    'credentials by name',
    play('- debug: { msg: "{{ credentials.app }}" }', `vars: { credentials: { app: ${SECRET} } }`),
    {},
  ],
  [
    'a connection string',
    play('- debug: { msg: "{{ dsn }} and Kr0k0dil-9x" }', `vars: { dsn: "postgres://u:${SECRET}@h/d" }`),
    {},
  ],
  [
    'the environment',
    play(`- shell: echo $PGPASSWORD; false\n  environment: { PGPASSWORD: ${SECRET} }\n  ignore_errors: true`),
    {},
  ],
  ['JSON', play('- debug: { msg: "{{ json db }}" }', `vars: { db: { api_key: ${SECRET} } }`), {}],
] as [string, string, { files?: Record<string, string>; args?: string[]; hidden?: number }][])(
  'a secret of %s is told nowhere',
  async (_, playbook, { files, args, hidden = 0 }) => {
    const text = await told(playbook, { files, args: [...(args ?? []), '-vv'] })
    const clear = text.split(SECRET).length - 1
    // What a command said before anybody called it a secret has been told already.
    expect(clear).toBeLessThanOrEqual(hidden)
    expect(text).toContain('********')
  },
)

it('a number under the name of a secret is hidden, too', async () => {
  const text = await told(play('- debug: { var: db }', 'vars: { db: { pin: 12, password: 48151623 } }'))
  expect(text).not.toContain('48151623')
  expect(text).toContain('12')
})

it('a short or common password is hidden where it is a whole value, and nowhere else', async () => {
  const { results } = await runLocally(
    play(
      '- debug: { msg: "postgres has a log" }\n- debug: { var: db }',
      'vars: { db: { password: postgres, token: log } }',
    ),
  )
  expect(JSON.stringify(results[0])).toContain('postgres has a log')
  expect(JSON.stringify(results[1])).not.toMatch(/"(postgres|log)"/)
})

it('names that only hold such a word hide nothing', async () => {
  const vars =
    'vars: { password_encryption: scram-sha-256, passwords_file: /srv/users, token_bucket_size: 4096, secret_name: web-tls }'
  const text = await told(
    play(
      '- debug: { msg: "{{ password_encryption }} {{ passwords_file }} {{ token_bucket_size }} {{ secret_name }}" }',
      vars,
    ),
  )
  expect(text).toContain('scram-sha-256 /srv/users 4096 web-tls')
})

it('a diff hides what a file carries, and says so where nothing else differs', async () => {
  const rule = (secret: string) =>
    JSON.stringify(`host all all all ldap ldapserver=x ldapbindpasswd="${secret}"\n`)
  const { results } = await runLocally(
    play(`
- copy: { dest: "{{ dir }}/hba", content: ${rule('Alt3s-x')} }
- copy: { dest: "{{ dir }}/hba", content: ${rule(SECRET)} }`),
    { args: ['--diff'] },
  )
  const text = JSON.stringify(results)
  expect(text).not.toMatch(/Alt3s|Kr0k/)
  expect(results[1]!.changes[0]).toMatchObject({ reason: 'what differs is secret' })
})

it('a plan keeps no secret', async () => {
  const path = join(tmpdir(), `play-plan-${process.pid}.json`)
  writeFileSync(path, '')
  await runLocally(
    play(`- copy: { dest: "{{ dir }}/x", content: "key={{ api_key }}\\n" }`, `vars: { api_key: ${SECRET} }`),
    {
      args: ['--check', '--out', path],
    },
  )
  const plan = readFileSync(path, 'utf8')
  expect(plan).toContain('********')
  expect(plan).not.toContain('Kr0k')
})

it('the label of a long item is cut after its secrets are hidden', async () => {
  const { results } = await runLocally(
    play(`- debug: { msg: x }\n  loop: [{ name: ${'a'.repeat(80)}, password: ${SECRET.repeat(8)} }]`),
  )
  expect(results[0]!.item).toContain('"password":"********"')
})

it('what follows the option of a command that takes a secret is hidden', async () => {
  const text = await told(play(`- command: { argv: [echo, --api-token, ${SECRET}] }`), { args: ['-v'] })
  expect(text).toContain('"--api-token","********"')
})

it('an error that ends the run shows no secret', async () => {
  const ended = runLocally(
    play('- debug: { msg: x }', `vars: { db_pwd: ${SECRET} }\nremote_user: "{{ db_pwd.x.y }}"`).replace(
      'hosts: all',
      'hosts: "{{ db_pwd }}"',
    ),
    { args: ['-e', `db_pwd=${SECRET}`] },
  ).then(
    ({ events }) => JSON.stringify(events),
    (error) => `${error.message} ${error.hint} ${error.details}`,
  )
  expect(await ended).not.toContain(SECRET)
})
