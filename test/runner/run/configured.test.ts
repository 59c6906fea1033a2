import { describe, expect, it } from 'vitest'
import type { PlayErrors } from '../../../runner/errors.ts'
import { runLocally } from '../../support/local-run.ts'

const run = (settings: string, body: string, more: Parameters<typeof runLocally>[1] = {}) =>
  runLocally(`- hosts: all\n${body.trim().replace(/^/gm, '  ')}\n`, {
    ...more,
    files: { 'play.yaml': settings, ...more.files },
  })

describe('play.yaml beside the playbook', () => {
  it('gathering: explicit leaves facts to plays that want them', async () => {
    const tasks = 'tasks:\n  - { name: t, ping: }'
    expect((await run('gathering: explicit\n', tasks)).lines).toEqual(['h1 t ok'])
    expect((await run('gathering: explicit\n', `gather_facts: true\n${tasks}`)).lines).toHaveLength(2)
    expect((await run('gathering: smart\n', tasks)).lines).toHaveLength(2)
  })

  it('any_errors_fatal counts for plays that do not say it', async () => {
    const tasks = `gather_facts: false\ntasks:\n  - { name: f, fail: , when: "inventory_hostname == 'h1'" }\n  - { name: after, ping: }`
    const goesOn = async (body: string) =>
      (await run('any_errors_fatal: true\n', body, { hosts: 'h1 h2' })).lines.includes('h2 after ok')
    expect(await goesOn(tasks)).toBe(false)
    expect(await goesOn(`any_errors_fatal: false\n${tasks}`)).toBe(true)
  })

  it('force_handlers counts for plays that do not say it', async () => {
    const tasks =
      'gather_facts: false\ntasks:\n  - { name: t, ping: , changed_when: true, notify: h }\n  - { name: f, fail: }\nhandlers:\n  - { name: h, ping: }'
    const forced = async (settings: string, body: string) =>
      (await run(settings, body)).lines.includes('h1 h ok')
    expect(await forced('', tasks)).toBe(false)
    expect(await forced('force_handlers: true\n', tasks)).toBe(true)
    expect(await forced('force_handlers: true\n', `force_handlers: false\n${tasks}`)).toBe(false)
  })

  it('no_log hides results', async () => {
    const { events } = await run('no_log: true\n', 'tasks:\n  - command: echo quite-unlikely')
    expect(JSON.stringify(events)).not.toContain('quite-unlikely')
  })

  it('roles_path and collections_path are where roles are, for those that are reached late too', async () => {
    const tasks =
      'roles: [r]\ntasks:\n  - include_role: { name: "{{ \'late\' }}" }\n  - import_role: { name: a.b.c }\n'
    const say = (text: string) => `- { name: ${text}, ping: }\n`
    const { lines } = await run(
      'roles_path: somewhere:else\ncollections_path: [packs]\ngathering: explicit\n',
      tasks,
      {
        files: {
          'somewhere/r/tasks/main.yml': say('one'),
          'else/late/tasks/main.yml': say('two'),
          'packs/ansible_collections/a/b/roles/c/tasks/main.yml': say('three'),
        },
      },
    )
    expect(lines.filter((line) => line.endsWith('ok'))).toEqual([
      'h1 r : one ok',
      "h1 include_role : {{ 'late' }} ok",
      'h1 late : two ok',
      expect.stringContaining('three ok'),
    ])
  })

  it('run_tags and skip_tags select tasks; options stand above', async () => {
    const tasks =
      'gather_facts: false\ntasks:\n  - { name: a, ping: , tags: a }\n  - { name: b, ping: , tags: b }'
    expect((await run('run_tags: a\n', tasks)).lines).toEqual(['h1 a ok'])
    expect((await run('skip_tags: [a]\n', tasks)).lines).toEqual(['h1 b ok'])
    expect((await run('run_tags: a\n', tasks, { args: ['-t', 'b'] })).lines).toEqual(['h1 b ok'])
  })

  it("is what lookup('config') finds, under Ansible's names, with whole paths", async () => {
    const say = `tasks:\n  - debug: { msg: "{{ lookup('config', 'DEFAULT_FORKS', 'DEFAULT_REMOTE_USER', 'DEFAULT_PRIVATE_KEY_FILE') }}" }`
    const { results } = await run(
      'language: jinja\ngathering: explicit\nforks: 7\nprivate_key_file: /k/id\n',
      say,
    )
    expect(results[0]!.result!.msg).toEqual([7, null, '/k/id'])
    await expect(
      run(
        'language: jinja\ngathering: explicit\n',
        `tasks:\n  - debug: { msg: "{{ lookup('config', 'NONE') }}" }`,
      ),
    ).resolves.toMatchObject({ code: 2 })
  })

  it('a setting that is none ends it before anything is done', async () => {
    const { errors } = await run('forkss: 3\n', 'tasks: []').then(
      () => expect.unreachable(),
      (error: PlayErrors) => error,
    )
    expect(errors[0]).toMatchObject({ code: 'config', hint: 'did you mean forks?' })
  })
})
