import { describe, expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const play = (tasks: string, head = ''): string =>
  `- hosts: all\n  gather_facts: false\n${head.replace(/^/gm, '  ')}\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`

describe('a failing host stops for itself', () => {
  it('and the others go on', async () => {
    const { lines, code, recap } = await runLocally(
      play(`
- { name: a, fail: { msg: no }, when: inventory_hostname == "h1" }
- { name: b, ping: }`),
      { hosts: 'h1 h2' },
    )
    expect(lines.sort()).toEqual(['h1 a failed', 'h2 a skipped', 'h2 b ok'])
    expect(code).toBe(2)
    expect(recap.hosts.h1).toMatchObject({ failed: 1, ok: 0 })
  })
  it('with its command, exit code and both streams', async () => {
    const { results } = await runLocally(play('- shell: echo out; echo err >&2; exit 3'))
    expect(results[0]).toMatchObject({ status: 'failed', command: { code: 3, stdout: 'out', stderr: 'err' } })
  })
  it('and no later play begins after one with any_errors_fatal, unless a rescue took the failure', async () => {
    const first = (tasks: string) =>
      `${play(tasks, 'any_errors_fatal: true')}${play('- { name: later, ping: }')}`
    const { lines } = await runLocally(
      first('- { name: a, fail: { msg: no }, when: inventory_hostname == "h1" }'),
      {
        hosts: 'h1 h2',
      },
    )
    expect(lines.filter((line) => line.includes('later'))).toEqual([])
    const rescued = await runLocally(
      first('- block: [{ name: a, fail: { msg: no } }]\n  rescue: [{ name: b, ping: }]'),
      {
        hosts: 'h1 h2',
      },
    )
    expect(rescued.lines.filter((line) => line.includes('later')).sort()).toEqual([
      'h1 later ok',
      'h2 later ok',
    ])
  })
  it('but all stop with any_errors_fatal', async () => {
    const { lines } = await runLocally(
      play(
        `
- { name: a, fail: { msg: no }, when: inventory_hostname == "h1" }
- { name: b, ping: }`,
        'any_errors_fatal: true',
      ),
      { hosts: 'h1 h2' },
    )
    expect(lines.sort()).toEqual(['h1 a failed', 'h2 a skipped'])
  })
  it('and any_errors_fatal ends the run, also for hosts of later plays', async () => {
    const first = play('- { name: a, fail: { msg: no } }', 'any_errors_fatal: true').replace(
      'hosts: all',
      'hosts: h1',
    )
    const { lines, code } = await runLocally(`${first}${play('- { name: b, ping: }')}`, { hosts: 'h1 h2' })
    expect(lines).toEqual(['h1 a failed'])
    expect(code).toBe(2)
    const rescued = play(
      `
- block: [{ name: a, fail: { msg: no } }]
  rescue: [{ name: r, ping: }]`,
      'any_errors_fatal: true',
    )
    const went = await runLocally(`${rescued}${play('- { name: b, ping: }')}`, { hosts: 'h1' })
    expect(went.lines).toContain('h1 b ok')
  })
  it('and is left out of later plays', async () => {
    const { lines } = await runLocally(
      `${play('- { name: a, fail: { msg: no }, when: inventory_hostname == "h1" }')}${play('- { name: b, ping: }')}`,
      { hosts: 'h1 h2' },
    )
    expect(lines).not.toContain('h1 b ok')
    expect(lines).toContain('h2 b ok')
  })
})

describe('blocks', () => {
  it('rescue takes a failure, always runs, and the host goes on', async () => {
    const { lines, code, recap } = await runLocally(
      play(`
- block:
    - { name: a, fail: { msg: no } }
    - { name: not reached, ping: }
  rescue:
    - { name: r, ping: }
  always:
    - { name: z, ping: }
- { name: after, ping: }`),
    )
    expect(lines).toEqual(['h1 a failed', 'h1 r ok', 'h1 z ok', 'h1 after ok'])
    expect(code).toBe(0)
    expect(recap.hosts.h1).toMatchObject({ rescued: 1, failed: 0, ok: 3 })
  })
  it('a failing rescue fails the host, after always', async () => {
    const { lines, code } = await runLocally(
      play(`
- block: [{ name: a, fail: { msg: no } }]
  rescue: [{ name: r, fail: { msg: no } }]
  always: [{ name: z, ping: }]
- { name: after, ping: }`),
    )
    expect(lines).toEqual(['h1 a failed', 'h1 r failed', 'h1 z ok'])
    expect(code).toBe(2)
  })
})

describe('handlers', () => {
  it('run once, in their order, at the end of the section, and only where something changed', async () => {
    const { lines } = await runLocally(
      play(
        `
- { name: a, command: "true", notify: [second, first] }
- { name: b, command: "true", notify: first }
- { name: c, ping: , notify: third }`,
      ) +
        '  handlers:\n    - { name: first, ping: }\n    - { name: second, ping: }\n    - { name: third, ping: }\n',
    )
    expect(lines).toEqual(['h1 a changed', 'h1 b changed', 'h1 c ok', 'h1 first ok', 'h1 second ok'])
  })
})

describe('loops, results and conditions', () => {
  it('each item is reported, the whole is registered', async () => {
    const { lines, results } = await runLocally(
      play(`
- { name: a, command: "echo {{ item }}", loop: [x, y], register: said, changed_when: item == "y" }
- { name: b, debug: { msg: "{{ join (map said.results \\"stdout\\") \\"+\\" }}" } }`),
    )
    expect(lines).toEqual(['h1 a(x) ok', 'h1 a(y) changed', 'h1 b ok'])
    expect(results.at(-1)!.message).toBe('x+y')
  })
  it('what is registered of a loop names each item, under the name of its loop_var', async () => {
    const { results } = await runLocally(
      play(`
- { name: a, command: "echo {{ item }}", loop: [x, y], register: said }
- { name: b, debug: { msg: "{{ item.item }} said {{ item.stdout }}" }, loop: "{{ said.results }}" }
- { name: c, debug: { msg: "{{ letter }}" }, loop: [z], loop_control: { loop_var: letter }, register: named }
- { name: d, debug: { msg: "{{ join (map named.results \\"letter\\") \\",\\" }}" } }`),
    )
    const messages = results.filter(({ task }) => task !== 'a').map(({ message }) => message)
    expect(messages).toEqual(['x said x', 'y said y', 'z', 'z'])
  })
  it('until repeats, and says how often', async () => {
    const { results, events } = await runLocally(
      play(`
- { name: a, shell: "echo x >> {{ dir }}/n; wc -l < {{ dir }}/n", register: n, until: 'int(n.stdout) >= 3', retries: 5, delay: 0 }`),
    )
    expect(results[0]).toMatchObject({ status: 'changed', attempts: 3 })
    expect(events.filter((event) => event.event === 'retry')).toHaveLength(2)
  })
  it('until that holds ends the tries, also where the command failed: it stays failed', async () => {
    const { results, events } = await runLocally(
      play(`
- { name: a, shell: "echo x >> {{ dir }}/n; exit 3", register: r, until: r.rc == 3, retries: 5, delay: 0, ignore_errors: true }
- { name: b, shell: "wc -l < {{ dir }}/n", register: n, failed_when: "int(n.stdout) != 1" }`),
    )
    expect(results[0]).toMatchObject({ status: 'failed', attempts: 1 })
    expect(results[1]).toMatchObject({ status: 'changed' })
    expect(events.filter((event) => event.event === 'retry')).toEqual([])
  })
  it('until that is never so fails', async () => {
    const { lines } = await runLocally(
      play('- { name: a, command: "true", register: r, until: r.rc == 1, retries: 1, delay: 0 }'),
    )
    expect(lines).toEqual(['h1 a failed'])
  })
  it('failed_when decides over the exit code, and ignore_errors lets the host go on', async () => {
    const { lines, recap } = await runLocally(
      play(`
- { name: a, command: "false", register: r, failed_when: r.rc != 1 }
- { name: b, command: "false", ignore_errors: true }
- { name: c, ping: }`),
    )
    expect(lines).toEqual(['h1 a changed', 'h1 b failed', 'h1 c ok'])
    expect(recap.hosts.h1).toMatchObject({ failed: 0, ignored: 1 })
  })
  it('ignore_unreachable lets the host go on where the one that it delegates to cannot be reached', async () => {
    const { lines, recap, code } = await runLocally(
      play(`
- { name: a, ping: , delegate_to: "{{ item }}", loop: [h2, h1], register: r, ignore_unreachable: true }
- { name: b, assert: { that: "r.results[0].unreachable && !('unreachable' in r.results[1])" } }
- { name: c, ping: , delegate_to: h2 }
- { name: d, ping: }`).replace('hosts: all', 'hosts: h1'),
      {
        hosts: 'h1 h2',
        files: { 'host_vars/h2.yaml': 'ansible_connection: ssh\nansible_host: 127.0.0.1\nansible_port: 1\n' },
      },
    )
    expect(lines).toEqual(['h1 a(h2) unreachable', 'h1 a(h1) ok', 'h1 b ok', 'h1 c unreachable'])
    expect(recap.hosts.h1).toMatchObject({ unreachable: 1, ignored: 1 })
    expect(code).toBe(4)
  })
  it('data from a host is never a template', async () => {
    const { results } = await runLocally(
      play(`
- { command: "echo '{{ concat \\"{\\" \\"{ dir }\\" \\"}\\" }}'", register: said }
- { debug: { msg: "{{ said.stdout }}" } }`),
    )
    expect(results[1]!.message).toBe('{{ dir }}')
  })
})

describe('data from a host', () => {
  it('is never a template where debug shows it either', async () => {
    const { results } = await runLocally(
      play(`
- { command: "echo '{{ concat \\"{\\" \\"{ dir }\\" \\"}\\" }}'", register: said }
- { debug: { var: said.stdout } }`),
    )
    expect(results[1]!.result!.msg).toBe('{{ dir }}')
  })
})

describe('which hosts', () => {
  it('serial works in batches', async () => {
    const { lines } = await runLocally(play('- { name: a, ping: }\n- { name: b, ping: }', 'serial: 1'), {
      hosts: 'h1 h2',
    })
    expect(lines).toEqual(['h1 a ok', 'h1 b ok', 'h2 a ok', 'h2 b ok'])
  })
  it('run_once runs on the first, and all have its result', async () => {
    const { lines, results } = await runLocally(
      play(`
- { name: a, command: echo hello, register: r, run_once: true }
- { name: b, debug: { msg: "{{ r.stdout }}" } }`),
      { hosts: 'h1 h2' },
    )
    expect(lines.sort()).toEqual(['h1 a changed', 'h1 b ok', 'h2 b ok'])
    expect(results.filter((result) => result.task === 'b').map((result) => result.message)).toEqual([
      'hello',
      'hello',
    ])
  })
  it('delegate_to acts there with the variables of here', async () => {
    const { results } = await runLocally(
      play('- { command: "echo {{ inventory_hostname }}", delegate_to: h2, register: r }', ''),
      {
        hosts: 'h1 h2',
        args: ['--limit', 'h1'],
      },
    )
    expect(results[0]).toMatchObject({ host: 'h1', delegate: 'h2' })
    expect(results[0]!.result!.stdout).toBe('h1')
  })
  it('tags choose, always and never included', async () => {
    const { lines } = await runLocally(
      play(`
- { name: a, ping: , tags: x }
- { name: b, ping: }
- { name: c, ping: , tags: always }
- { name: d, ping: , tags: [never, x] }
- { name: e, ping: , tags: never }`),
      { args: ['--tags', 'x'] },
    )
    expect(lines).toEqual(['h1 a ok', 'h1 c ok', 'h1 d ok'])
  })
  it('--start-at-task leaves out what comes before', async () => {
    const { lines } = await runLocally(play('- { name: a, ping: }\n- { name: b, ping: }'), {
      args: ['--start-at-task', 'b'],
    })
    expect(lines).toEqual(['h1 b ok'])
  })
  it.each([['r : b'], ['? : b'], ['b'], ['[b]*'], ['r : [b-z]']])(
    '--start-at-task %s begins there: a name, a pattern, or either behind its role',
    async (wanted) => {
      const { lines } = await runLocally(play('- { name: a, ping: }\n- { import_role: { name: r } }'), {
        files: { 'roles/r/tasks/main.yaml': '- { name: ab, ping: }\n- { name: b, ping: }\n' },
        args: ['--start-at-task', wanted],
      })
      expect(lines).toEqual(['h1 r : b ok'])
    },
  )
})

describe('included tasks', () => {
  it('are read when reached, and see the item', async () => {
    const { results } = await runLocally(play('- { include_tasks: "{{ item }}.yaml", loop: [one, two] }'), {
      files: {
        'one.yaml': '- debug: { msg: "1 {{ item }}" }\n',
        'two.yaml': '- debug: { msg: "2 {{ item }}" }\n',
      },
    })
    expect(results.map(({ task, item, message }) => [task, item, message])).toEqual([
      ['include_tasks', 'one', undefined],
      ['include_tasks', 'two', undefined],
      ['debug', null, '1 one'],
      ['debug', null, '2 two'],
    ])
  })

  it('are announced under the label of their loop, without a secret in it, and not at all under no_log', async () => {
    const files = { 'inside.yaml': '- { name: inside, ping: {} }\n' }
    const text = play(
      '- { name: more, include_tasks: inside.yaml, loop: [{ name: one, password: geheim }], loop_control: { label: "{{ item.name }}" } }\n- { name: bare, include_tasks: inside.yaml, loop: [{ password: geheim }] }',
    )
    const { results, events } = await runLocally(text, { files })
    expect(results.map(({ item }) => item)).toEqual(['one', null, expect.stringContaining('***'), null])
    expect(JSON.stringify(events)).not.toContain('geheim')
  })

  it('have neither tags nor an ignored failure of the include: those are of the include alone', async () => {
    const files = {
      'inside.yaml': '- { name: inside, command: "false" }\n- { name: tagged, ping: {}, tags: t }\n',
    }
    const text = play('- { name: more, include_tasks: inside.yaml, ignore_errors: true, tags: t }')
    expect((await runLocally(text, { files })).lines).toEqual(['h1 more ok', 'h1 inside failed'])
    expect((await runLocally(text, { files, args: ['--tags', 't'] })).lines).toEqual([
      'h1 more ok',
      'h1 tagged ok',
    ])
    expect((await runLocally(text, { files, args: ['--skip-tags', 't'] })).lines).toEqual([])
  })
})

describe('variables', () => {
  it('vars_files win over vars, -e wins over all, and environment reaches the command', async () => {
    const text = `- hosts: all
  gather_facts: false
  vars: { a: play, b: play, c: play }
  vars_files: [more.yaml]
  environment: { GREETING: "{{ a }} {{ b }} {{ c }}" }
  tasks:
    - { shell: "echo $GREETING", register: said }
    - { debug: { msg: "{{ said.stdout }}" } }
`
    const { results } = await runLocally(text, {
      files: { 'more.yaml': 'b: file\nc: file\n' },
      args: ['-e', 'c=extra'],
    })
    expect(results[1]!.message).toBe('play file extra')
  })
  it('other hosts are reached through hostvars, their results too', async () => {
    const { results } = await runLocally(
      play(`
- { command: "echo from {{ inventory_hostname }}", register: said }
- { debug: { msg: "{{ hostvars.h2.said.stdout }}" }, when: 'inventory_hostname == "h1"' }`),
      { hosts: 'h1 h2' },
    )
    expect(results.find((result) => result.task === 'debug' && result.host === 'h1')!.message).toBe('from h2')
  })
  it('a missing one is named with the nearest, before anything runs', async () => {
    await expect(runLocally(play('- { debug: { msg: "{{ inventory_hostnam }}" } }'))).rejects.toMatchObject({
      errors: [
        expect.objectContaining({ code: 'variable', hint: expect.stringContaining('inventory_hostname') }),
      ],
    })
  })
  it('no_log hides result and changes', async () => {
    const { results } = await runLocally(play('- { command: echo hidden, no_log: true }'))
    expect(JSON.stringify(results)).not.toContain('echo hidden')
    expect(results[0]!.no_log).toBe(true)
  })
  it('and the items of a loop, whatever becomes of them', async () => {
    const playbook = play(
      [
        '- { command: "echo {{ item.v }}", loop: [{ n: one, v: s3cr3t-A }], no_log: true }',
        '- { command: "false", loop: [s3cr3t-B], no_log: true, retries: 1, delay: 0, until: r.rc == 0, register: r, ignore_errors: true }',
        '- { command: "true", loop: [s3cr3t-C], no_log: true, when: false }',
        '- { shell: "echo {{ item }} >&2; exit 1", loop: [s3cr3t-D], loop_control: { label: "{{ item }}" }, no_log: "{{ hide }}", ignore_errors: true }',
        '- { include_tasks: more.yaml, loop: [s3cr3t-E], no_log: true }',
      ].join('\n'),
    )
    const files = { 'more.yaml': '- { debug: { msg: x } }' }
    for (const args of [['-vvv'], ['--check', '-vvv']]) {
      const { events, results } = await runLocally(playbook, {
        files,
        args: [...args, '-e', '{"hide": true}'],
      })
      expect(results.filter(({ item }) => item === '(hidden)').length).toBeGreaterThanOrEqual(4)
      // What was learned of the playbook's own text is no secret: the loops are written in it.
      expect(JSON.stringify(events)).not.toMatch(/s3cr3t/)
    }
  })
})

it.each(['0', '1', '2', '9'])(
  'a command that ends in the digit %s says it, and reads nothing',
  async (digit) => {
    const { results } = await runLocally(
      play(`- command: echo ${digit}\n- command: { cmd: "cat /dev/stdin", stdin: "${digit}" }`),
    )
    expect(results.map((result) => result.result!.stdout)).toEqual([digit, digit])
  },
)

it('a play whose hosts all fail ends a run of Ansible’s, and not one of native playbooks', async () => {
  const playbook = `- { hosts: h1, gather_facts: false, tasks: [{ fail: { msg: nothing } }] }
- { hosts: h2, gather_facts: false, tasks: [{ name: later, ping: }] }
`
  const later = ({ lines }: { lines: string[] }) => lines.filter((line) => line.startsWith('h2'))
  expect(later(await runLocally(playbook, { hosts: 'h1 h2' }))).toEqual(['h2 later ok'])
  const asAnsible = await runLocally(`# play: language=jinja\n${playbook}`, { hosts: 'h1 h2' })
  expect(later(asAnsible)).toEqual([])
  expect(asAnsible.code).toBe(2)
})
