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
    it('facts are gathered there', async () => {
      const { results } = await play(
        `- hosts: h1\n  vars: { ansible_port: TWO }\n  tasks:\n    - debug: { msg: "{{ ansible_env.WHERE }}" }\n`,
      )
      expect(results.at(-1)?.result).toMatchObject({ msg: 'two' })
    })

    it('set_fact counts for whoever delegates to the host, in later plays too', async () => {
      const body = `- hosts: h1
  gather_facts: false
  tasks:
    - ${WHERE}
    - set_fact: { ansible_port: TWO }
- hosts: h2
  gather_facts: false
  tasks:
    - ${whereWith('delegate_to: h1')}
    - ${whereWith('delegate_to: h2')}
    - set_fact: { ansible_port: TWO }
      delegate_to: h2
      delegate_facts: true
    - ${WHERE}
`
      expect(await where(body)).toEqual(['one', 'two', 'one', 'two'])
    })

    describe('with delegate_to', () => {
      const delegated = (to: string, vars: string) => whereWith(`delegate_to: ${to}, vars: ${vars}`)

      it('those of the task stand above those of the other host', async () => {
        const body = tasks(`tasks:
  - ${delegated('h2', '{ ansible_port: TWO }')}
  - ${delegated('h2', '{ ansible_connection: local }')}
  - ${delegated('localhost', '{ ansible_user: nobody }')}
  - ${delegated('127.0.0.1', '{ ansible_connection: ssh, ansible_port: TWO }')}
`)
        expect(await where(body)).toEqual(['two', 'here', 'here', 'two'])
      })

      it('those that the host of the task has do not count', async () => {
        const body = tasks(`tasks:
  - set_fact: { ansible_port: TWO }
  - ${whereWith('delegate_to: h2')}
  - ${WHERE}
`)
        expect(await where(body)).toEqual(['one', 'two'])
      })

      it("what they are made of is the other host's, but inventory_hostname", async () => {
        const files = {
          'inventory/host_vars/h1.yaml': 'second: 1\n',
          'inventory/host_vars/h2.yaml': 'second: TWO\n',
        }
        const body = tasks(`vars: { ports: { h1: TWO, h2: 1 } }
tasks:
  - ${delegated('h2', '{ ansible_port: "{{ second }}" }')}
  - ${delegated('h2', '{ ansible_port: "{{ lookup ports inventory_hostname }}" }')}
`)
        expect(await where(body, { files })).toEqual(['two', 'two'])
      })
    })

    it.each([[[]], [['--check']]])('what is wrong with one is told by the task %s', async (args) => {
      const failing = async (vars: string) => {
        const { results } = await play(tasks(`tasks:\n  - { name: t, stat: { path: / }, vars: ${vars} }`), {
          args,
        })
        return `${results[0]?.status}: ${results[0]?.message}`
      }
      expect(await failing('{ ansible_port: 1 }')).toMatch(/^unreachable: .*127\.0\.0\.1/)
      expect(await failing('{ ansible_port: x }')).toMatch(/^failed: .*ansible_port is x/)
      expect(await failing('{ ansible_connection: docker }')).toMatch(
        /^failed: .*ansible_connection is docker/,
      )
      expect(await failing('{ ansible_user: no-such-user }')).toMatch(/^unreachable: .*no-such-user/)
      expect(await failing('{ ansible_ssh_private_key_file: /dev/null }')).toMatch(/^unreachable: /)
      expect(
        await failing("{ ansible_ssh_common_args: '-F /dev/null -o UserKnownHostsFile=/dev/null' }"),
      ).toMatch(/^unreachable: .*host key/)
    })

    it('none is read of a task that is skipped', async () => {
      const { lines } = await play(
        tasks('tasks:\n  - { name: t, ping: , when: "false", vars: { ansible_port: "{{ dir.no.such }}" } }'),
      )
      expect(lines).toEqual(['h1 t skipped'])
    })

    it('what is planned on one machine is not there on another', async () => {
      const path = join(dir, 'planned')
      const stat = (vars: string) => `{ name: look, stat: { path: ${path} }, vars: ${vars} }`
      const body = tasks(`tasks:
  - { name: t, copy: { content: x, dest: ${path} }, vars: { ansible_port: TWO } }
  - ${stat('{}')}
  - ${stat('{ ansible_port: TWO }')}
  - { name: t, copy: { content: x, dest: ${path}2 }, vars: { ansible_connection: local } }
  - { name: look, stat: { path: ${path}2 }, delegate_to: localhost }
`)
      const { results } = await play(body, { args: ['--check'] })
      const looks = results.filter(({ task }) => task === 'look').map(({ result }) => result)
      expect(looks).toMatchObject([false, true, true].map((exists) => ({ stat: { exists } })))
    })

    it('hosts that are one machine by them take turns there', async () => {
      const path = join(dir, 'pass')
      const body = `- hosts: h1,h2,h3
  gather_facts: false
  vars: { ansible_port: TWO }
  tasks:
    - pg_passfile:
        path: ${path}
        owner: root
        entries: [{ host: "{{ inventory_hostname }}", user: u, password: secret }]
    - { name: lines, shell: 'cut -d":" -f1 ${path}', changed_when: false }
`
      const { results } = await play(body)
      const said = (results.at(-1)!.result as { stdout: string }).stdout
      expect(said.split('\n').sort()).toEqual(['h1', 'h2', 'h3'])
    })

    it('a connection that is reset is made anew, as the variables say', async () => {
      const pid = (vars: string) =>
        `{ name: where, shell: 'echo "$WHERE $PPID"', changed_when: false, vars: ${vars} }`
      const body = tasks(`tasks:
  - ${pid('{ ansible_port: TWO }')}
  - ${pid('{}')}
  - { meta: reset_connection, vars: { ansible_port: TWO } }
  - ${pid('{ ansible_port: TWO }')}
  - ${pid('{}')}
`)
      const [first, other, second, otherAgain] = await where(body)
      expect([first, second].map((said) => said!.split(' ')[0])).toEqual(['two', 'two'])
      expect(first).not.toBe(second)
      expect(other).toBe(otherAgain)
    })

    it('what was read through one connection is not what another one sees', async () => {
      // The process that looks.
      const look = (vars: string) => `{ name: t, stat: { path: /proc/self }, vars: ${vars} }`
      const body = tasks(
        `tasks:\n  - ${look('{}')}\n  - ${look('{ ansible_timeout: 9 }')}\n  - ${look('{}')}\n`,
      )
      const [first, other, again] = (await play(body)).results.map(({ result }) => JSON.stringify(result))
      expect(first).toContain('lnk_target')
      expect(other).not.toBe(first)
      expect(again).toBe(first)
    })
  },
)
