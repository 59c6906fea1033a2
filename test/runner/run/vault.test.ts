import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { encrypt } from '../../../runner/load/vault/cipher.ts'
import { formatEnvelope } from '../../../runner/load/vault/envelope.ts'
import { vault } from '../../../runner/load/vault/vault.ts'
import { runLocally } from '../../support/local-run.ts'
import { errorsOf, files } from '../load/files.ts'

afterEach(() => vault.use([]))

const sealed = (plain: string, label?: string, password = 'vault-pw'): string =>
  formatEnvelope(encrypt(Buffer.from(plain), Buffer.from(password), label))
const tagged = (indent: string, ...args: Parameters<typeof sealed>): string =>
  `!vault |\n${sealed(...args).replace(/^(?=.)/gm, indent)}`
const password = () => `${files({ pw: 'vault-pw\n' })}/pw`

it('what is encrypted in the inventory, the playbook and its files is used, and shown nowhere', async () => {
  const { code, events, lines } = await runLocally(
    `
- hosts: all
  gather_facts: false
  vars_files: [secrets.yaml]
  vars:
    from_play: ${tagged('      ', 'play-secret')}
  tasks:
    - name: all are there
      assert:
        that:
          - from_group == "group-secret" && from_play == "play-secret" && from_file == "file-secret"
          - short == "x"
    - name: shows them
      debug: { msg: "{{from_group}} {{from_play}} {{from_file}}, {{short}}" }
    - name: alone
      debug: { var: short }
    - name: in an argument
      shell: echo "$X"
      environment:
        X: ${tagged('          ', 'argument-secret')}
    - name: copies
      copy: { src: key.pem, dest: "{{dir}}/key" }
    - name: renders
      template: { src: conf.hbs, dest: "{{dir}}/conf" }
    - name: leaves encrypted
      copy: { src: key.pem, dest: "{{dir}}/as-it-is", decrypt: false }
    - name: is what it was
      shell: grep -q 'secret line of the key' {{dir}}/key && grep -q 'from group-secret' {{dir}}/conf && grep -q ANSIBLE_VAULT {{dir}}/as-it-is
`,
    {
      args: ['--vault-password-file', password(), '--diff'],
      files: {
        'group_vars/all.yaml': `from_group: ${tagged('  ', 'group-secret')}short: ${tagged('  ', 'x')}`,
        'secrets.yaml': sealed('from_file: file-secret\n'),
        'files/key.pem': sealed('secret line of the key\n'),
        'templates/conf.hbs': sealed('from {{from_group}}, the template\n'),
      },
    },
  )
  expect({ code, lines }).toMatchObject({ code: 0 })
  const said = JSON.stringify(events)
  for (const secret of [
    'group-secret',
    'play-secret',
    'file-secret',
    'argument-secret',
    'line of the key',
    'the template',
  ])
    expect(said).not.toContain(secret)
  expect(said).toContain('******** ******** ********, x')
  const alone = events.find((event) => event.event === 'task_result' && event.task === 'alone')
  expect(JSON.stringify(alone)).not.toContain('"x"')
  const [copied] = events.filter((event) => event.event === 'task_result' && event.task === 'copies')
  expect(copied).toMatchObject({ changes: [{ sensitive: true }] })
})

it('what cannot be opened is told before a host is reached, together with the rest', async () => {
  const playbook =
    '- hosts: all\n  gather_facts: false\n  tasks: [{ debug: { msg: "{{a}} {{b}} {{nothing}}" } }]\n'
  const run = (args: string[]) =>
    runLocally(playbook, {
      args,
      files: { 'group_vars/all.yaml': `a: ${tagged('  ', 'x')}b: ${tagged('  ', 'y')}` },
    })
  const error = await run([]).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const told = errorsOf(() => {
    throw error
  })
  expect(told.map(({ code, pos }) => [code, pos?.line])).toEqual([
    ['vault', 1],
    ['vault', 8],
    ['variable', 3],
  ])
})

it('a value under a label of others hinders nobody who does not need it', async () => {
  const inventory = {
    'group_vars/all.yaml': `prod: ${tagged('  ', 'x', 'prod', 'another')}dev: ${tagged('  ', 'y', 'dev')}`,
  }
  const args = ['--vault-id', `dev@${password()}`]
  const play = (when: string) => `
- hosts: all
  gather_facts: false
  tasks:
    - name: needs it
      debug: { msg: "{{prod}}" }
      when: ${when}
    - debug: { msg: "{{dev}}" }
`
  expect((await runLocally(play('dev != "y"'), { args, files: inventory })).code).toBe(0)
  const { code, results } = await runLocally(play('dev == "y"'), { args, files: inventory })
  expect(code).toBe(2)
  expect(results[0]!.error).toMatchObject({ code: 'vault', message: expect.stringMatching(/the label prod/) })
})

it('passwords are in no error and no event', async () => {
  const pw = password()
  const { events } = await runLocally(
    '- hosts: all\n  gather_facts: false\n  tasks: [{ debug: { msg: hello } }]\n',
    {
      args: ['--vault-id', `dev@${pw}`],
    },
  )
  expect(JSON.stringify(events)).not.toContain(readFileSync(pw, 'utf8').trim())
})
