import { describe, expect, it } from 'vitest'
import { WAIT_PORT_SCRIPT } from '../../modules/control/wait-for/scripts.ts'
import { APT_PREVIEW_SCRIPT } from '../../modules/packages/shared/scripts.ts'
import { assertReadCommand, readCommands } from '../../modules/read-commands.ts'
import { modules } from '../../modules/registry.ts'
import { fakeHost } from '../support/fake-host.ts'

const READ_COMMANDS = readCommands()

describe('assertReadCommand', () => {
  it.each([
    [['df', '/etc']],
    [['find', '/etc', '-name', 'x', '-print', '-quit']],
    [['apt-get', '-s', '-y', 'install', 'vim']],
    [['sh', '-c', APT_PREVIEW_SCRIPT, 'play', 'all', 'install', 'vim']],
    [['timeout', '5', 'bash', '-c', WAIT_PORT_SCRIPT, 'play', 'localhost', '1']],
    [['/usr/lib/postgresql/15/bin/pg_controldata', '-D', '/x']],
  ])('allows %j', (argv) => {
    expect(() => assertReadCommand(argv)).not.toThrow()
  })

  it.each([
    [[]],
    [['rm', '-rf', '/']],
    [['sh', '-c', 'rm -rf /']],
    [['sh', '-c', `${APT_PREVIEW_SCRIPT}\nrm -rf /`]],
    [['bash', '-lc', WAIT_PORT_SCRIPT]],
    [['timeout', '5', 'rm', '-rf', '/']],
    [['find', '/', '-delete']],
    [['find', '/', '-exec', 'rm', '{}', ';']],
    [['find', '/', '-fprintf', '/etc/passwd', 'x']],
    [['apt-get', 'install', 'vim']],
    [['apt-get', 'update']],
    [['apt-mark', 'hold', 'vim']],
    [['dpkg', '--configure', '-a']],
    [['systemctl', 'show', 'ssh']],
    [['cat', '/etc/shadow']],
    [['hostname', 'new']],
    [['/tmp/pg_controldata']],
    [['psql', '-c', 'select 1']],
  ])('refuses %j', (argv) => {
    expect(() => assertReadCommand(argv)).toThrow('list of read commands')
  })

  it('is enforced by the fake host', async () => {
    await expect(fakeHost({ reads: { 'rm -rf /': '' } }).read(['rm', '-rf', '/'])).rejects.toThrow(
      'read commands',
    )
  })
})

describe('every list of read commands', () => {
  const shells = READ_COMMANDS.filter(({ program }) => program === 'sh' || program === 'bash')
  const scripts = shells.flatMap(({ program, scripts: texts = [] }) =>
    texts.map((text) => [String(program), text] as const),
  )

  it('is joined, those of modules too', () => {
    const own = [...modules.values()].flatMap(({ reads = [] }) => reads)
    expect(own.length).toBeGreaterThan(0)
    for (const row of own) expect(READ_COMMANDS).toContain(row)
  })

  // Whatever else a module wants to know, it asks of the process that reads. Each that goes is one process less a host.
  it('is short: what is no read of HostReader’s own is an exception', () => {
    const named = READ_COMMANDS.map(({ program, first, scripts }) =>
      [
        program instanceof RegExp ? program.source.replace(/^.*\\\/(\w+)\$$/, '$1') : program,
        ...(scripts ? [] : (first ?? [])),
      ].join(' '),
    )
    const counts = [...new Set(named)]
      .sort()
      .map((name) => `${name} × ${named.filter((one) => one === name).length}`)
    expect(counts).toEqual([
      'apt-cache policy search × 1',
      'apt-get -s × 1',
      'bash × 1',
      'df × 1',
      'du × 1',
      'find × 1',
      'findmnt × 1',
      'getent ahosts × 1',
      'ip -o × 1',
      'locale -a × 1',
      'openssl pkey × 1',
      'pg_controldata × 1',
      'pg_isready × 1',
      'psql -wXAtq × 2',
      'sh × 10',
      'sleep 0.2 × 1',
      'systemctl is-enabled × 3',
      'test -r -w × 1',
      'timeout × 1',
    ])
  })

  it('lets a shell run scripts that are known, word for word', () => {
    for (const { first, scripts: texts } of shells) {
      expect(first).toEqual(['-c'])
      expect(texts).not.toHaveLength(0)
    }
    for (const [shell, text] of scripts) {
      expect(() => assertReadCommand([shell, '-c', `${text}\nrm -rf /`])).toThrow('read command')
      expect(() => assertReadCommand([shell, '-c', text.slice(1)])).toThrow('read command')
    }
  })

  const INTERPRETERS = [
    'perl',
    'python3',
    'awk',
    'sed',
    'env',
    'xargs',
    'sudo',
    'su',
    'runuser',
    'nohup',
    'ssh',
  ]
  const WRITERS = ['rm', 'mv', 'cp', 'dd', 'tee', 'touch', 'mkdir', 'ln', 'chmod', 'chown', 'install', 'kill']
  it.each([...INTERPRETERS, ...WRITERS])('holds no %s', (program) => {
    for (const path of [program, `/bin/${program}`, `/usr/lib/postgresql/15/bin/${program}`])
      expect(READ_COMMANDS.filter((row) => fits(row.program, path))).toEqual([])
  })

  it('holds patterns of whole paths alone', () => {
    for (const { program } of READ_COMMANDS)
      if (program instanceof RegExp) expect(program.source).toMatch(/^\^\\\/.*\$$/)
  })
})

const fits = (program: string | RegExp, path: string): boolean =>
  typeof program === 'string' ? program === path : program.test(path)
