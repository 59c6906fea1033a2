import { expect, test } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const play = (tasks: readonly string[]) =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join('')}`

const NULS = [
  '{ name: command, command: { argv: [echo, "a\\0b"] } }',
  '{ name: shell, shell: "echo a\\0b" }',
  '{ name: raw, raw: "echo a\\0b" }',
  `{ name: script, script: "x.sh 'a\\0b'" }`,
  '{ name: environment, command: echo, environment: { A: "x\\0y" } }',
  '{ name: of the host, shell: "echo {{ found.stdout }}" }',
  '{ name: user, command: echo, become: true, become_user: "root\\0x" }',
]

test('what holds a NUL is refused in check and run alike, and is no fault of play', async () => {
  const tasks = [
    `{ name: host, command: "printf 'a\\\\0b'", register: found, check_mode: false, changed_when: false }`,
    ...NULS.map((task) => task.replace(/ }$/, ', ignore_errors: true }')),
  ]
  for (const args of [['--check'], []]) {
    const { results } = await runLocally(play(tasks), { args, files: { 'x.sh': 'echo "$1"\n' } })
    const failed = results.filter(({ status }) => status === 'failed')
    expect(failed).toHaveLength(NULS.length)
    for (const { message } of failed) {
      expect(message).toMatch(/cannot hold a NUL character|is no name of an operating-system user/)
      expect(message).not.toContain('a fault in play')
    }
  }
})

test('what is not removed is not removed by another way to it either', async () => {
  const made = [
    'mkdir -p pg/15/main/pg_wal ts/PG_15_202209061/5 deep',
    'touch pg/15/main/PG_VERSION pg/15/main/pg_wal/0001 ts/PG_15_202209061/5/1234',
    'ln -s pg/15/main/pg_wal wal; ln -s / root; ln -s ../pg deep/up; ln -s ts/PG_15_202209061 inner; ln -s . here',
  ].join('\n        ')
  const files = { 'make.sh': `cd "$1"\n${made}\n` }
  const inventory = `h1\n[all:vars]\nansible_connection=local\n`
  const refused: [string, string][] = [
    ['root/etc', '(/etc) belongs to the system'],
    ['here/root/usr', '(/usr) belongs to the system'],
    ['root/dev/shm', 'something is mounted in'],
    ['wal/0001', 'is in a PostgreSQL data directory'],
    ['here/deep/up/15', 'holds a PostgreSQL data directory'],
    ['ts', 'holds a PostgreSQL tablespace'],
    ['inner/5', 'is in a PostgreSQL tablespace'],
  ]
  const allowed = ['deep', 'here/deep', 'wal', 'inner', 'gone/x']
  const remove = (path: string) =>
    `{ name: ${path}, file: { path: "{{ playbook_dir }}/${path}", state: absent }, ignore_errors: true }`
  const { results } = await runLocally(
    play([
      '{ name: make, script: "make.sh {{ playbook_dir }}", check_mode: false }',
      ...[...refused.map(([path]) => path), ...allowed].map(remove),
    ]),
    // What is foretold; nothing of this machine is to go, whatever the test finds.
    { files, inventory, args: ['--check'] },
  )
  const said = (path: string) => results.find(({ task }) => task === path)!
  for (const [path, why] of refused)
    expect(said(path), path).toMatchObject({ status: 'failed', message: expect.stringContaining(why) })
  for (const path of allowed) expect(said(path).status, path).toMatch(/changed|ok/)
})

test('a name below that is not UTF-8 is refused before anything is set', async () => {
  const files = { 'make.sh': `mkdir "$1/t"; touch "$1/t/a" "$1/t/$(printf 'caf\\351')"\n` }
  for (const args of [['--check'], []]) {
    const { results } = await runLocally(
      play([
        '{ name: make, script: "make.sh {{ playbook_dir }}", check_mode: false }',
        '{ name: go, file: { path: "{{ playbook_dir }}/t", state: directory, recurse: true, mode: "u=rwX,go=" } }',
      ]),
      { files, args, inventory: `h1\n[all:vars]\nansible_connection=local\n` },
    )
    const { status, message } = results.find(({ task }) => task === 'go')!
    expect(`${status} ${message}`).toMatch(/^failed the name of .*caf\ufffd is not UTF-8/)
  }
})
