import { describe, expect, it } from 'vitest'
import { defineFact, predict, withdraw } from '../../contract/facts.ts'
import type { FileStat } from '../../contract/host.ts'
import type { Plan, Step } from '../../contract/plan.ts'
import { fileKey } from '../../contract/shared-facts.ts'
import { Unknown } from '../../contract/unknown.ts'
import { World } from '../../contract/world.ts'

const done = (...steps: Step[]): World => {
  const world = new World()
  for (const step of steps) world.record({ changes: [], steps: [step] })
  return world
}
const first = defineFact<number | null>('first')
const second = defineFact<number | null>('second')
const table = defineFact<number | null, [schema: string, name: string]>('test-table')

const predicting = (...all: NonNullable<Plan['predicts']>[]): World => {
  const world = new World()
  for (const predicts of all) world.record({ changes: [], steps: [], predicts })
  return world
}
const real = (type: FileStat['type'], more: Partial<FileStat> = {}): FileStat => ({
  ...{ type, mode: '0640', owner: 'app', group: 'staff', uid: 7, gid: 8, size: 3, mtime: 11 },
  ...more,
})
const write = (path: string, more = {}): Step => ({ do: 'write_file', path, content: 'new', ...more })
const remove = (path: string): Step => ({ do: 'remove', path })
const folder = (path: string, more = {}): Step => ({ do: 'directory', path, ...more })

describe('a file that somebody reads', () => {
  const key = first('read')
  const plan = (steps: Step[], predicts: Plan['predicts'] = []): Plan => ({ changes: [], steps, predicts })
  it.each([
    ['nobody writes', [plan([])], false],
    ['is written', [plan([write('/a')])], true],
    ['is written and then read', [plan([write('/a')]), plan([], [predict(key, 1)])], false],
    ['is read by what writes it', [plan([write('/a')], [predict(key, 1)])], false],
    ['is read and then written', [plan([], [predict(key, 1)]), plan([write('/a')])], true],
    ['gets another mode', [plan([{ do: 'attributes', path: '/a', mode: '0600' }])], false],
  ])('and %s', (_what, plans, since) => {
    const world = new World()
    for (const one of plans) world.record(one)
    expect(world.writtenSince('/a', key)).toBe(since)
  })
})

describe('facts', () => {
  it('are what the last plan said, and nothing once it is withdrawn', () => {
    const world = predicting([predict(first('a'), 1)], [predict(first('a'), 2), predict(first('b'), null)])
    expect([world.get(first('a')), world.get(first('b')), world.get(second('a'))]).toEqual([
      2,
      null,
      undefined,
    ])
    world.record({ changes: [], steps: [], predicts: [withdraw(first('a'))] })
    expect(world.get(first('a'))).toBeUndefined()
  })

  it('are found by their kind and the first parts of their keys, those of what will be gone included', () => {
    const world = predicting(
      [predict(table('a', 'b'), 1), predict(table('a', 'c'), null), predict(first('a'), 2)],
      [predict(table('a/b', 'e'), 3), withdraw(table('a', 'b')), predict(table('a', 'f'), 4)],
    )
    const found = (...parts: string[]) =>
      world.under(table.under(...parts)).map(({ key, value }) => [key.name, value])
    expect(found('a')).toEqual([
      ['c', null],
      ['f', 4],
    ])
    expect(found()).toHaveLength(3)
  })

  it('alone plan nothing to do: a step does', () => {
    expect(predicting([predict(first('a'), 1)]).planned).toBe(false)
    expect(done(write('/a')).planned).toBe(true)
  })
})

describe('each step', () => {
  it('write_file: its content, with owner and mode where they are said, else what the file has', () => {
    const world = done(write('/etc/a', { mode: '0600' }))
    expect(world.file('/etc/a')).toMatchObject({ type: 'file', content: Buffer.from('new') })
    expect(world.stat('/etc/a', real('file'), 3)).toMatchObject({
      mode: '0600',
      owner: 'app',
      uid: 7,
      mtime: 11,
    })
    expect(world.stat('/etc/a', null, 3)).toMatchObject({ mode: '0600', owner: 'root', uid: 0, size: 3 })
  })

  it('write_file where a folder is: nothing of the folder is kept', () => {
    expect(done(write('/etc/a')).stat('/etc/a', real('directory', { mode: '0755' }), 3)).toMatchObject({
      type: 'file',
      mode: '0644',
      owner: 'root',
      size: 3,
    })
  })

  it('an owner that is named has no number yet', () => {
    const world = done(write('/etc/a', { owner: 'postgres', group: 'postgres' }))
    expect(world.stat('/etc/a', real('file'))).toMatchObject({ owner: 'postgres', uid: -1, gid: -1 })
  })

  it('directory: the folder and those on the way, which stay as they are where they are there', () => {
    const world = done(folder('/srv/a/b', { owner: 'postgres', mode: '0700' }))
    expect(world.stat('/srv/a/b', null)).toMatchObject({ type: 'directory', owner: 'postgres', mode: '0700' })
    expect(world.stat('/srv/a', null)).toMatchObject({ type: 'directory', owner: 'root', mode: '0755' })
    expect(world.list('/srv/a', null)).toEqual(['b'])
    expect(world.stat('/srv', real('link', { target: '/data' }))).toEqual(real('link', { target: '/data' }))
    expect(world.stat('/srv', null)).toMatchObject({ type: 'directory' })
  })

  it('directory where it is there: it keeps what is in it', () => {
    const world = done(folder('/srv/a', { mode: '0700' }))
    expect(world.stat('/srv/a', real('directory'))).toMatchObject({ mode: '0700', owner: 'app' })
    expect(world.list('/srv/a', ['x', 'y'])).toEqual(['x', 'y'])
    expect(world.file('/srv/a/x')).toBeUndefined()
  })

  it('directory that was only on the way until now: what is said of it counts', () => {
    const world = done(folder('/srv/a/b'), folder('/srv/a', { mode: '0700' }))
    expect(world.stat('/srv/a', real('directory'))).toMatchObject({ mode: '0700' })
  })

  it('directory where a file was planned: nothing of the file is kept', () => {
    expect(done(write('/srv/a', { owner: 'app' }), folder('/srv/a')).file('/srv/a')).toEqual({
      type: 'directory',
    })
  })

  it('link: where it leads', () => {
    expect(done({ do: 'link', path: '/l', target: '/t' }).stat('/l', null)).toMatchObject({
      type: 'link',
      target: '/t',
    })
  })

  it('attributes: of whatever is there, and of what is planned', () => {
    const mode: Step = { do: 'attributes', path: '/etc/a', mode: '0600' }
    expect(done(mode).stat('/etc/a', real('directory'))).toMatchObject({
      type: 'directory',
      mode: '0600',
      owner: 'app',
    })
    expect(done(mode).stat('/etc/a', null)).toBeNull()
    expect(done(write('/etc/a', { owner: 'root' }), mode).file('/etc/a')).toMatchObject({
      content: Buffer.from('new'),
      owner: 'root',
      mode: '0600',
    })
    expect(done(remove('/etc/a'), mode).stat('/etc/a', real('file'))).toBeNull()
  })

  it('remove: the path, and all that is below it, planned or not', () => {
    const world = done(write('/srv/a/x'), write('/srv/ab'), remove('/srv/a'))
    expect([world.file('/srv/a'), world.file('/srv/a/x'), world.file('/srv/a/deep/y')]).toEqual([
      null,
      null,
      null,
    ])
    expect(world.stat('/srv/a/x', real('file'))).toBeNull()
    expect(world.list('/srv/a', ['x'])).toBeNull()
    expect(world.list('/srv', ['a', 'b'])).toEqual(['ab', 'b'])
    expect(world.file('/srv/ab')).toMatchObject({ type: 'file' })
  })

  it('issue_certificate: two files whose content only the run will know', () => {
    const world = done({
      do: 'issue_certificate',
      ...{ request: ['openssl'], authority: 'ca', names: [], days: 1 },
      cert: { path: '/tls/server.crt', mode: '0644' },
      rootCert: { path: '/tls/ca.crt' },
    })
    expect(world.file('/tls/server.crt')!.content).toBeInstanceOf(Unknown)
    expect(world.file('/tls/ca.crt')!.content).toBeInstanceOf(Unknown)
    expect(world.stat('/tls/server.crt', null)).toMatchObject({ type: 'file', mode: '0644' })
  })

  it('guard: what its steps mean', () => {
    const on = { version: '15', cluster: 'main', port: 5432 }
    expect(
      done({ do: 'guard', steps: [write('/etc/a'), remove('/etc/b')], verify: { on, text: 'x' } }).list(
        '/etc',
        ['b'],
      ),
    ).toEqual(['a'])
  })

  it('exec, sql, wait: nothing by themselves', () => {
    const on = { version: '15', cluster: 'main', port: 5432 }
    const world = done(
      { do: 'exec', argv: ['rm', '/etc/a'] },
      { do: 'sql', on, text: 'drop table a' },
      { do: 'wait', ready: { argv: ['true'] }, timeout: 1, message: '' },
    )
    expect([world.planned, world.file('/etc/a'), world.list('/etc', ['a'])]).toEqual([true, undefined, ['a']])
  })
})

describe('a folder that is removed and made again', () => {
  const again = done(remove('/srv/a'), folder('/srv/a'))

  it('is empty, whatever the host still has in it', () => {
    expect(again.list('/srv/a', ['old'])).toEqual([])
    expect(again.file('/srv/a/old')).toBeNull()
    expect(again.stat('/srv/a/old', real('file'))).toBeNull()
    expect(again.stat('/srv/a/deep/old', real('file'))).toBeNull()
    expect(again.showsThrough('/srv/a/old')).toBe(false)
  })

  it('has nothing of the attributes that it had', () => {
    expect(again.stat('/srv/a', real('directory', { mode: '0700' }))).toMatchObject({
      mode: '0755',
      owner: 'root',
    })
  })

  it('stays so when more is planned for it', () => {
    again.record({ changes: [], steps: [folder('/srv/a', { mode: '0750' }), write('/srv/a/new')] })
    expect(again.list('/srv/a', ['old'])).toEqual(['new'])
    expect(again.stat('/srv/a', real('directory'))).toMatchObject({ mode: '0750', owner: 'root' })
    expect(again.stat('/srv/a/new', real('file', { owner: 'app' }))).toMatchObject({ owner: 'root' })
  })

  it('is there too where something is made below it', () => {
    for (const step of [folder('/srv/a/b/c'), write('/srv/a/b/c')]) {
      const world = done(remove('/srv/a'), step)
      expect(world.list('/srv/a', ['old'])).toEqual(['b'])
      expect(world.stat('/srv/a', real('directory'))).toMatchObject({ owner: 'root' })
      expect(world.file('/srv/a/b/old')).toBeNull()
    }
  })

  it('does the same by predictions alone', () => {
    const world = predicting(
      [predict(fileKey('/data'), null)],
      [
        predict(fileKey('/data'), { type: 'directory' }),
        predict(fileKey('/data/PG_VERSION'), { content: '15\n' }),
      ],
    )
    expect(world.list('/data', ['base', 'PG_VERSION'])).toEqual(['PG_VERSION'])
    expect(world.file('/data/standby.signal')).toBeNull()
    expect(world.file('/data/PG_VERSION')).toMatchObject({ type: 'file', content: Buffer.from('15\n') })
    world.record({ changes: [], steps: [], predicts: [withdraw(fileKey('/data/PG_VERSION'))] })
    expect(world.list('/data', ['PG_VERSION'])).toEqual([])
  })
})

it('a file that is removed and planned again has nothing of what it held', () => {
  const world = predicting([predict(fileKey('/a'), null)], [predict(fileKey('/a'), { type: 'file' })])
  expect(world.showsThrough('/a')).toBe(false)
  expect(world.stat('/a', real('file'))).toMatchObject({ type: 'file', size: 0, owner: 'root' })
})

it('what nobody planned is as it is', () => {
  const world = done(write('/etc/a'))
  expect(world.file('/etc/b')).toBeUndefined()
  expect(world.stat('/etc/b', real('file'))).toEqual(real('file'))
  expect(world.stat('/etc/b', null)).toBeNull()
  expect(world.list('/var', null)).toBeNull()
  expect(world.list('/var', ['b', 'a'])).toEqual(['a', 'b'])
  expect(world.showsThrough('/etc/b')).toBe(true)
})
