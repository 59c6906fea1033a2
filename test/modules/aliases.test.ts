import { describe, expect, it } from 'vitest'
import type { Module } from '../../contract/module.ts'
import { modules } from '../../modules/registry.ts'
import { fakeHost } from '../support/fake-host.ts'
import { runLocally } from '../support/local-run.ts'

const problems = (name: string, args: unknown) =>
  modules
    .get(name)!
    .params.safeParse(args)
    .error?.issues.map(({ message, path }) => `${path.join('.')}: ${message}`) ?? []

describe("modules under Ansible's names", () => {
  it.each([
    ['apt', { name: ['curl', 'jq=1.*'], state: 'installed', 'update-cache': undefined }],
    ['apt', { update_cache: 'yes', cache_valid_time: '3600' }],
    ['apt', { upgrade: true }],
    ['apt', { name: 'curl', dpkg_options: 'force-confold', force_apt_get: true }],
    // What Ansible has where they are not given may be said.
    ['apt', { name: 'curl', default_release: '', deb: null, force: false, allow_unauthenticated: 'no' }],
    ['apt', { name: 'curl', only_upgrade: false, clean: 'no', autoclean: false, fail_on_autoremove: 'no' }],
    ['systemd', { name: 'ssh', state: 'started', daemon_reexec: false, no_block: 'no' }],
    [
      'deb822_repository',
      { name: 'x', uris: 'http://192.0.2.1/x', suites: 'x', languages: [], allow_weak: 'no' },
    ],
    ['postgresql_user', { name: 'app', priv: '', groups: [], quote_configuration_values: true }],
    ['postgresql_table', { table: 'public.a', truncate: false, tablespace: '', unlogged: 'no' }],
    ['package', { name: 'jq,tmux', state: 'latest', use: 'auto' }],
    ['systemd', { daemon_reload: true }],
    ['systemd', { daemon_reexec: true }],
    ['systemd', { name: 'ssh', state: 'started', enabled: 'yes' }],
    ['systemd_service', { name: 'ssh', masked: false }],
    ['raw', { cmd: 'echo hi' }],
  ])('%s takes %j', (name, args) => {
    expect(problems(name, JSON.parse(JSON.stringify(args)))).toEqual([])
  })

  it.each([
    [
      'apt',
      { deb: '/tmp/x.deb' },
      [
        'deb: expected nothing, but found /tmp/x.deb: put the file into a repository, or install it with command: apt-get install ./FILE',
        /nothing to do/,
      ],
    ],
    [
      'apt',
      { name: 'curl', default_release: '-o' },
      ['default_release: expected the name of a release, such as bookworm-backports'],
    ],
    ['apt', { name: 'curl', force: 'yes' }, [/^force: expected false: it would break/]],
    ['apt', { name: '-x' }, [/^name: '-x' is no package name/]],
    ['systemd', {}, [/^name: nothing to do/]],
    ['systemd', { name: 'ssh' }, [/nothing to do/]],
  ])('%s says what is meant by %j', (name, args, expected) => {
    const found = problems(name, args)
    expect(found).toHaveLength(expected.length)
    for (const [at, one] of expected.entries()) expect(found[at]).toMatch(one)
  })

  it('an argument that is not taken is told where it stands, before any host', async () => {
    const ran = runLocally('- hosts: all\n  tasks:\n    - apt: name=curl\n      args: { deb: x }\n')
    await expect(ran).rejects.toMatchObject({ errors: [{ pos: { line: 4, col: 20 } }] })
  })

  const planOf = async (name: string, args: object, host: ReturnType<typeof fakeHost>) => {
    const module = modules.get(name) as Module
    const params = module.params.parse(args)
    return module.plan(await module.inspect(host, params), params)
  }
  it('systemd reads unit files first, which is no change', async () => {
    const systemd = modules.get('systemd')!
    const wish = systemd.params.parse({ daemon_reload: true })
    expect(systemd.before?.(wish).steps).toMatchObject([{ argv: ['systemctl', 'daemon-reload'] }])
    expect((await planOf('systemd', { daemon_reload: true }, fakeHost())).changes).toEqual([])
    expect(systemd.before?.(systemd.params.parse({ name: 'ssh', state: 'started' })).steps).toEqual([])
  })
  it('systemd executes itself anew each time that it is told to', async () => {
    const plan = await planOf('systemd', { daemon_reexec: true }, fakeHost())
    expect(plan.steps).toMatchObject([{ argv: ['systemctl', 'daemon-reexec'] }])
    expect(plan.changes).toHaveLength(1)
  })
})

describe('script and raw', () => {
  it('run on the host what is written here', async () => {
    const ran = await runLocally(
      `- hosts: all
  gather_facts: false
  tasks:
    - script: say.sh "a b" c creates={{ dir }}/no
      register: said
    - raw: echo $0 | tr a-z A-Z
      register: raw
    - assert: { that: ["said.stdout == 'a b|c'", "raw.stdout.endsWith('SH')"] }
    - script: say.sh x
      args: { creates: "{{ dir }}/files/say.sh" }
`,
      { files: { 'files/say.sh': '#!/bin/sh\nprintf "%s|%s" "$1" "$2"\n' } },
    )
    expect(ran.lines).toEqual(['h1 script changed', 'h1 raw changed', 'h1 assert ok', 'h1 script ok'])
  })
})
