import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runLocally } from '../../support/local-run.ts'
import { startSshd, type TestServer, withoutSshd } from '../hosts/sshd.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** Which server it came through; `here` where it was none. */
const WHERE = '{ name: where, shell: \'echo "${WHERE-here}"\', changed_when: false }'
const whereWith = (keywords: string): string => WHERE.replace(/ }$/, `, ${keywords} }`)

describe.skipIf(withoutSshd)(
  `variables of a connection${withoutSshd ? ` (skipped: ${withoutSshd})` : ''}`,
  () => {
    let one: TestServer
    let two: TestServer
    let dir: string
    let inventory: string

    beforeAll(async () => {
      one = await startSshd(['SetEnv WHERE=one'])
      two = await startSshd(['SetEnv WHERE=two'])
      dir = mkdtempSync(join(tmpdir(), 'play-variables-'))
      chmodSync(dir, 0o755)
      const known = join(dir, 'known_hosts')
      writeFileSync(known, `[127.0.0.1]:${one.port} ${one.hostKey}\n[127.0.0.1]:${two.port} ${two.hostKey}\n`)
      copyFileSync(join(one.dir, 'authorized_keys'), join(two.dir, 'authorized_keys'))
      inventory = `h1 ansible_port=${one.port}
h2 ansible_port=${one.port}
h3
[all:vars]
dir=${dir}
ansible_host=127.0.0.1
ansible_user=root
ansible_ssh_private_key_file=${one.dir}/id
ansible_ssh_common_args='-F /dev/null -o UserKnownHostsFile=${known}'
`
    })
    afterAll(async () => {
      await one.stop()
      await two.stop()
      rmSync(dir, { recursive: true, force: true })
    })

    const play = async (
      body: string,
      { files = {}, args = [] }: { files?: Record<string, string>; args?: string[] } = {},
    ) => {
      const text = body.replaceAll('TWO', String(two.port)).replaceAll('ONE', String(one.port))
      const said = Object.entries(files).map(([name, file]) => [
        name,
        file.replaceAll('TWO', String(two.port)),
      ])
      return runLocally(text, { inventory, files: Object.fromEntries(said), args })
    }
    /** Where the tasks called `where` were done. */
    const where = async (body: string, more?: Parameters<typeof play>[1]) => {
      const { results } = await play(body, more)
      expect(
        results.filter(({ error, task }) => error && task !== 'oops').map(({ error }) => error?.message),
      ).toEqual([])
      return results.flatMap(({ task, result }) =>
        task.endsWith('where') ? [(result as { stdout: string }).stdout] : [],
      )
    }
    const tasks = (text: string) => `- hosts: h1\n  gather_facts: false\n${text.replace(/^/gm, '  ')}`

    const LEVELS: Record<string, [playbook: string, expected: string[], files?: Record<string, string>]> = {
      'of a play': [`vars: { ansible_port: TWO }\ntasks:\n  - ${WHERE}`, ['two']],
      'of vars_files': [
        `vars_files: [v.yaml]\ntasks:\n  - ${WHERE}`,
        ['two'],
        { 'v.yaml': 'ansible_port: TWO\n' },
      ],
      'of a block, also in its rescue, and not behind it': [
        `tasks:\n  - vars: { ansible_port: TWO }\n    block:\n      - ${WHERE}\n      - { name: oops, fail: }\n    rescue:\n      - ${WHERE}\n  - ${WHERE}`,
        ['two', 'two', 'one'],
      ],
      'of a task': [
        `tasks:\n  - ${WHERE}\n  - ${whereWith('vars: { ansible_port: TWO }')}\n  - ${WHERE}`,
        ['one', 'two', 'one'],
      ],
      'of a loop': [
        `tasks:\n  - ${whereWith('loop: [ONE, TWO], vars: { ansible_port: "{{ item }}" }')}`,
        ['one', 'two'],
      ],
      'of set_fact, from then on, above those of a task': [
        `tasks:\n  - ${WHERE}\n  - set_fact: { ansible_port: TWO }\n  - ${whereWith('vars: { ansible_port: 1 }')}`,
        ['one', 'two'],
      ],
      'of include_vars, from then on': [
        `tasks:\n  - ${WHERE}\n  - include_vars: v.yaml\n  - ${WHERE}`,
        ['one', 'two'],
        { 'v.yaml': 'ansible_port: TWO\n' },
      ],
      "of a role's vars, which are all of the play's": [
        `tasks:\n  - import_role: { name: r }\n`,
        ['two'],
        { 'roles/r/vars/main.yaml': 'ansible_port: TWO\n', 'roles/r/tasks/main.yaml': `- ${WHERE}\n` },
      ],
      'of an included role, for its tasks alone': [
        `tasks:\n  - include_role: { name: r }\n  - ${WHERE}`,
        ['two', 'one'],
        { 'roles/r/vars/main.yaml': 'ansible_port: TWO\n', 'roles/r/tasks/main.yaml': `- ${WHERE}\n` },
      ],
      "given to a role's include, and to its import": [
        `tasks:\n  - { include_role: { name: r }, vars: { ansible_port: TWO } }\n  - { import_role: { name: r }, vars: { ansible_port: TWO } }\n  - ${WHERE}`,
        ['two', 'two', 'one'],
        { 'roles/r/tasks/main.yaml': `- ${WHERE}\n` },
      ],
      'given to included tasks': [
        `tasks:\n  - { include_tasks: t.yaml, vars: { ansible_port: TWO } }\n  - ${WHERE}`,
        ['two', 'one'],
        { 't.yaml': `- ${WHERE}\n` },
      ],
      'that make this machine of it': [
        `tasks:\n  - ${whereWith('vars: { ansible_connection: local }')}\n  - ${WHERE}`,
        ['here', 'one'],
      ],
      'below those of the host, where they are defaults of a role': [
        `tasks:\n  - include_role: { name: r }`,
        ['one'],
        { 'roles/r/defaults/main.yaml': 'ansible_port: TWO\n', 'roles/r/tasks/main.yaml': `- ${WHERE}\n` },
      ],
      "that the inventory's own ask for": [
        `vars: { to: TWO }\ntasks:\n  - ${WHERE}`,
        ['two'],
        { 'inventory/host_vars/h1.yaml': 'to: 1\nansible_port: "{{ to }}"\n' },
      ],
    }
    for (const [name, [body, expected, files]] of Object.entries(LEVELS))
      it(name, async () => {
        expect(await where(tasks(body), { files })).toEqual(expected)
      })

    it('defaults of a role count where the inventory says nothing', async () => {
      const files = {
        'roles/r/defaults/main.yaml': 'ansible_port: TWO\n',
        'roles/r/tasks/main.yaml': `- ${WHERE}\n`,
      }
      const body = '- hosts: h3\n  gather_facts: false\n  roles: [r]\n'
      expect(await where(body, { files })).toEqual(['two'])
    })
  },
)
