import { chmodSync, chownSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { findHost, implicitLocalhost, loadInventory } from '../../../runner/load/inventory.ts'
import { files } from './files.ts'
import { errorsOf, load, scratch } from './inventory/scratch.ts'

const vars = (files: Record<string, string>, host: string) => load(files).hosts.get(host)?.vars

describe('precedence of variables', () => {
  const nested = `
all:
  vars: { from: all }
  children:
    outer:
      vars: { from: outer, outer: 1 }
      children:
        inner:
          vars: { from: inner }
          hosts: { h1: }
`
  test('deeper groups win over outer ones, and those over all', () => {
    expect(vars({ 'hosts.yaml': nested }, 'h1')).toEqual({ from: 'inner', outer: 1 })
  })

  test('the host wins over its groups', () => {
    expect(vars({ 'hosts.yaml': 'web: { vars: { x: 1 }, hosts: { h1: { x: 2 } } }' }, 'h1')).toEqual({ x: 2 })
  })

  test('group_vars/all wins over groups in the file, other group_vars over that, host_vars over all', () => {
    const files = { 'hosts.yaml': nested, 'group_vars/all.yaml': 'from: all file' }
    expect(vars(files, 'h1')?.from).toBe('all file')
    expect(vars({ ...files, 'group_vars/outer.yml': 'from: outer file' }, 'h1')?.from).toBe('outer file')
    const more = {
      ...files,
      'group_vars/outer.yml': 'from: outer file',
      'group_vars/inner': 'from: inner file',
    }
    expect(vars(more, 'h1')?.from).toBe('inner file')
    expect(vars({ ...more, 'host_vars/h1.json': '{"from": "host file"}' }, 'h1')?.from).toBe('host file')
  })

  test('among groups of one depth the later name wins, unless ansible_group_priority says otherwise', () => {
    const two = (priority: string) => `
a: { vars: { x: a${priority} }, hosts: { h1: } }
b: { vars: { x: b }, hosts: { h1: } }
`
    expect(vars({ 'hosts.yaml': two('') }, 'h1')?.x).toBe('b')
    expect(vars({ 'hosts.yaml': two(', ansible_group_priority: 10') }, 'h1')?.x).toBe('a')
  })

  test('a group_vars folder is read in order of its files, hidden and backup files aside', () => {
    const files = {
      'hosts.yaml': 'web: { hosts: { h1: } }',
      'group_vars/web/10-first.yaml': 'x: 1\ny: 1',
      'group_vars/web/20-second.yaml': 'x: 2',
      'group_vars/web/30-more/a.yml': 'z: 3',
      'group_vars/web/.hidden.yaml': 'x: hidden',
      'group_vars/web/20-second.yaml~': 'x: backup',
      'group_vars/web/notes.txt': 'not: read',
    }
    expect(vars(files, 'h1')).toEqual({ x: 2, y: 1, z: 3 })
  })

  test('a file beside a folder of its name is not read, which is warned about', () => {
    const files = {
      'h.yaml': 'web: { hosts: { h1: } }',
      'group_vars/web/a.yaml': 'x: 1',
      'group_vars/web.yaml': 'x: 2',
    }
    const inventory = load(files)
    expect(inventory.hosts.get('h1')?.vars).toEqual({ x: 1 })
    expect(inventory.warnings[0]?.message).toMatch(/web\.yaml is not read/)
  })

  test('variables beside the playbook win over those beside the inventory', () => {
    const inventory = scratch({ hosts: 'h1\n', 'group_vars/all': 'x: 1\ny: 1' })
    const playbooks = scratch({ 'group_vars/all': 'x: 2' })
    expect(loadInventory([inventory], [playbooks]).hosts.get('h1')?.vars).toEqual({ x: 2, y: 1 })
  })

  test('a key __proto__ is a variable like any other', () => {
    const merged = vars({ 'hosts.yaml': 'web: { vars: { "__proto__": { bad: 1 } }, hosts: { h1: } }' }, 'h1')
    expect(merged?.bad).toBeUndefined()
    expect(Object.keys(merged ?? {})).toEqual(['__proto__'])
  })
})

test('where tells the place that a variable has its value from', () => {
  const files = { 'hosts.ini': '[web]\nh1 x=1 y=2\n[web:vars]\nz = 3\n', 'host_vars/h1.yaml': '# x\nx: 2\n' }
  const host = load(files).hosts.get('h1')!
  expect(host.where('x')).toMatchObject({ line: 2, col: 4 })
  expect(host.where('x')?.file).toMatch(/host_vars\/h1.yaml$/)
  expect(host.where('y')).toMatchObject({ line: 2, col: 8 })
  expect(host.where('z')).toMatchObject({ line: 4, col: 1 })
  expect(host.where('nothing')).toBeUndefined()
})

describe('groups', () => {
  test('hosts know every group they are in, outer ones first; all and ungrouped hold the rest', () => {
    const inventory = load({ 'hosts.ini': 'free\n[b]\nh1\n[a]\nh1\n[top:children]\nb\n' })
    expect(inventory.hosts.get('h1')?.groups).toEqual(['a', 'top', 'b'])
    expect(inventory.hosts.get('free')?.groups).toEqual(['ungrouped'])
    expect(inventory.groups.get('all')?.hosts).toEqual(['free', 'h1'])
    expect(inventory.groups.get('ungrouped')?.hosts).toEqual(['free'])
    expect(inventory.groups.get('top')).toMatchObject({ hosts: ['h1'], children: ['b'] })
  })

  test('a group may be empty', () => {
    const inventory = load({ 'hosts.yaml': 'web:\ndb: { hosts: }\n' })
    expect([...inventory.groups.keys()]).toEqual(['all', 'ungrouped', 'web', 'db'])
  })

  test.each([
    ['hosts.ini', '[a:children]\nb\n[b:children]\nc\n[c:children]\na\n[d:children]\na\n'],
    [
      'hosts.yaml',
      'a: { children: { b: } }\nb: { children: { c: } }\nc: { children: { a: } }\nd: { children: { a: } }',
    ],
  ])('a cycle in %s is told once, with each of its links', (name, text) => {
    const errors = errorsOf(() => load({ [name]: text }))
    expect(errors.map((error) => error.code)).toEqual(['inventory'])
    expect(errors[0]?.message).toMatch(/cycle: [abc] → [abc] → [abc] → [abc]$/)
    expect(errors[0]?.details).toHaveLength(3)
    expect(errors[0]?.pos?.line).toBeGreaterThan(0)
  })

  test('a group cannot be its own child, and all cannot be a child', () => {
    const errors = errorsOf(() =>
      load({ 'hosts.yaml': 'a: { children: { a: } }\nb: { children: { all: } }' }),
    )
    expect(errors.map((error) => error.message)).toEqual([
      expect.stringMatching(/all holds every group/),
      expect.stringMatching(/cycle: a → a/),
    ])
  })

  test('a chain of thousands of groups is no trouble', () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `[g${index}:children]\ng${index + 1}\n`)
    const inventory = load({ 'hosts.ini': `${lines.join('')}[g3000]\nh1\n` })
    expect(inventory.hosts.get('h1')?.groups).toHaveLength(3001)
  })

  test('a name that is group and host is warned about', () => {
    expect(load({ hosts: '[web]\nweb\n' }).warnings[0]?.message).toMatch(/web is both a group and a host/)
  })
})

describe('mistakes in a YAML inventory', () => {
  const only = (text: string) => errorsOf(() => load({ 'hosts.yaml': text }))

  test('an unknown key has the nearest known one', () => {
    const [error] = only('web:\n  host:\n    h1:\n')
    expect(error).toMatchObject({ code: 'inventory', hint: 'did you mean hosts?', pos: { line: 2, col: 3 } })
  })

  test('hosts as a list get the spelling to use', () => {
    const [error] = only('web:\n  hosts:\n    - vm1\n    - vm2\n')
    expect(error).toMatchObject({ code: 'inventory', pos: { line: 3 } })
    expect(error?.hint).toMatch(/vm1:/)
  })

  test('all mistakes of all files are told together', () => {
    const errors = errorsOf(() =>
      load({
        'a.yaml': 'web: [h1]\nhosts: { h2: }\n',
        'b.yaml': 'db: { hosts: { "h 3": } }\n',
        'c.yaml': 'x: "',
        'd.ini': '[e:chldren]\n',
        'group_vars/all.yaml': '- 1\n',
      }),
    )
    expect(errors.map((error) => error.code)).toEqual([
      'inventory',
      'inventory',
      'inventory',
      'yaml',
      'inventory',
      'variable',
    ])
  })

  test.each([
    '- web\n',
    'text\n',
    '5\n',
    'web: 5\n',
    'web: { hosts: { h1: up } }',
    'web: { vars: [1] }',
    'plugin: aws_ec2',
  ])('%j is refused', (text) => {
    expect(only(text).map((error) => error.code)).toEqual(['inventory'])
  })
})

describe('sources', () => {
  test('a folder is read in order of names, without variables, backups, keys and hidden files', () => {
    const inventory = load({
      '2.yaml': 'web: { hosts: { h1: { x: 2 } } }',
      '1.ini': '[web]\nh1 x=1\nh0\n',
      'more/3': '[db]\nh3\n',
      'hosts.orig': '[[[',
      'hosts~': '[[[',
      'hosts.bak': '[[[',
      '.hidden': '[[[',
      known_hosts: '[[[',
      'README.md': '[[[',
    })
    expect([...inventory.hosts.keys()]).toEqual(['h1', 'h0', 'h3'])
    expect(inventory.hosts.get('h1')?.vars).toEqual({ x: 2 })
  })

  test('later -i win, and each brings its group_vars', () => {
    const one = scratch({ hosts: 'h1 x=1 y=1\n', 'group_vars/all': 'g: 1\nk: 1' })
    const two = scratch({ hosts: 'h1 x=2\n', 'group_vars/all': 'g: 2' })
    const inventory = loadInventory([one, two])
    expect(inventory.hosts.get('h1')?.vars).toEqual({ x: 2, y: 1, g: 2, k: 1 })
    expect(inventory.dir).toBe(one)
  })

  test('a single file has the variables beside it', () => {
    const folder = scratch({ 'hosts.ini': 'h1\n', 'group_vars/all': 'g: 1' })
    const inventory = loadInventory([join(folder, 'hosts.ini')])
    expect(inventory.hosts.get('h1')?.vars).toEqual({ g: 1 })
    expect(inventory.dir).toBe(folder)
  })

  test('names with a comma are hosts', () => {
    const inventory = loadInventory(['h1, h2:2222,web[1:2],'])
    expect([...inventory.hosts.keys()]).toEqual(['h1', 'h2', 'web1', 'web2'])
    expect(inventory.hosts.get('h2')?.vars).toEqual({ ansible_port: 2222 })
  })

  test.each([
    ['all:\n  hosts:\n    h1:\n'],
    ['# a comment\n\n---\nall: { hosts: { h1: } }\n'],
    ['{"all": {"hosts": {"h1": {}}}}'],
    ['# hosts\nh1 ansible_host=10.0.0.1\n'],
    ['[web]\nh1\n'],
    ['h1:22\n'],
  ])('a file without ending tells its format by its first line: %j', (text) => {
    expect([...load({ hosts: text }).hosts.keys()]).toEqual(['h1'])
  })

  test('a program is run where somebody named it, unless anybody may change it', () => {
    const folder = files({ 'hosts.sh': '#!/bin/sh\necho \'{"web": ["h1"]}\'\n' })
    const path = join(folder, 'hosts.sh')
    const hint = () => errorsOf(() => loadInventory([path]))[0]?.hint
    expect(hint()).toBe(`chmod +x ${path}`)
    chmodSync(path, 0o777)
    expect(hint()).toBe(`chmod o-w ${path}`)
    chmodSync(path, 0o755)
    expect([...loadInventory([path]).hosts.keys()]).toEqual(['h1'])
    expect(errorsOf(() => loadInventory([path], [], false))[0]).toMatchObject({
      code: 'inventory',
      message: expect.stringMatching(/nobody named it/),
    })
  })

  test('what a program says of a number is that number, however long it is', () => {
    const said = '{"web": ["h1"], "_meta": {"hostvars": {"h1": {"sysid": 7234567890123456789}}}}'
    const folder = files({ 'hosts.sh': `#!/bin/sh\necho '${said}'\n` })
    chmodSync(join(folder, 'hosts.sh'), 0o755)
    expect(loadInventory([join(folder, 'hosts.sh')]).hosts.get('h1')!.vars.sysid).toBe(7234567890123456789n)
  })

  const PROGRAM = '#!/bin/sh\necho \'{"web": ["h1"]}\'\n'

  test('a program is not run where anybody could put another in its place', () => {
    const folder = files({ 'a/inv/hosts.sh': PROGRAM, 'mine/nothing': '' })
    const [open, inv, path] = ['a', 'a/inv', 'a/inv/hosts.sh'].map((name) => join(folder, name))
    chmodSync(path!, 0o755)
    const said = (source: string) => errorsOf(() => loadInventory([source]))[0]
    expect(said(inv!)).toBeUndefined()
    for (const [which, hint] of [
      [inv!, `chmod o-w ${inv}`],
      [open!, `chmod o-w ${open}`],
    ]) {
      chmodSync(which!, 0o777)
      for (const source of [inv!, path!]) expect(said(source)).toMatchObject({ code: 'inventory', hint })
      chmodSync(which!, 0o755)
    }
    // In a sticky folder others may not take it away, but it is no place for programs.
    chmodSync(inv!, 0o1777)
    expect(said(path!)?.hint).toMatch(/folder of your own/)
    chmodSync(inv!, 0o755)
    chmodSync(open!, 0o1777)
    expect(said(path!)).toBeUndefined()

    symlinkSync(path!, join(folder, 'mine/link.sh'))
    expect(said(join(folder, 'mine/link.sh'))).toBeUndefined()
    chmodSync(inv!, 0o777)
    expect(said(join(folder, 'mine/link.sh'))?.hint).toBe(`chmod o-w ${inv}`)
    chmodSync(inv!, 0o755)
    chmodSync(join(folder, 'mine'), 0o777)
    expect(said(join(folder, 'mine/link.sh'))?.hint).toBe(`chmod o-w ${join(folder, 'mine')}`)
  })

  test.skipIf(process.getuid?.() !== 0)(
    'a program of another user is not run, nor one in his folder, whether it or the folder is named (only for root)',
    () => {
      const folder = files({ 'inv/hosts.sh': PROGRAM, 'inv/more': 'h2\n' })
      const [inv, path] = ['inv', 'inv/hosts.sh'].map((name) => join(folder, name)) as [string, string]
      chmodSync(path, 0o755)
      for (const [his, mine] of [
        [path, inv],
        [inv, path],
      ] as const) {
        chownSync(his, 12_345, 12_345)
        chownSync(mine, 0, 0)
        for (const source of [inv, path])
          expect(errorsOf(() => loadInventory([source]))[0]).toMatchObject({
            code: 'inventory',
            message: expect.stringMatching(/belongs to another user \(12345\)/),
          })
      }
      // Who became root to run this could have run it himself.
      vi.stubEnv('SUDO_UID', '12345')
      onTestFinished(() => {
        vi.unstubAllEnvs()
      })
      expect([...loadInventory([path]).hosts.keys()]).toEqual(['h1'])
    },
  )

  test('a source that is not there, and an encrypted file, are told', () => {
    expect(errorsOf(() => loadInventory(['/nowhere/hosts']))[0]?.code).toBe('file')
    const [error] = errorsOf(() =>
      load({ hosts: 'h1\n', 'group_vars/all': '$ANSIBLE_VAULT;1.1;AES256\n33\n' }),
    )
    expect(error).toMatchObject({ code: 'vault', message: expect.stringMatching(/ansible-vault/) })
  })

  test('no source at all is an inventory without hosts', () => {
    expect(loadInventory([]).hosts.size).toBe(0)
  })
})

describe('implicit localhost', () => {
  test('is local, has the variables of all and its own, and is not part of all', () => {
    const inventory = load({
      hosts: 'h1\n',
      'group_vars/all': 'x: 1\nansible_connection: ssh',
      'host_vars/localhost.yaml': 'y: 2',
    })
    expect(implicitLocalhost(inventory)).toMatchObject({ name: 'localhost', groups: [] })
    expect(findHost(inventory, 'localhost')?.vars).toEqual({ ansible_connection: 'local', x: 1, y: 2 })
    expect(inventory.groups.get('all')?.hosts).toEqual(['h1'])
    expect(implicitLocalhost().vars).toEqual({ ansible_connection: 'local' })
  })

  test("gives way to the inventory's own", () => {
    const inventory = load({ hosts: 'localhost ansible_connection=ssh\n' })
    expect(findHost(inventory, 'localhost')?.vars.ansible_connection).toBe('ssh')
    expect(findHost(inventory, 'nobody')).toBeUndefined()
  })
})
