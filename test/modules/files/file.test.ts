import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { fileModule } from '../../../modules/files/file/index.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

async function planFor(args: object, options: FakeHostOptions = {}) {
  const host = fakeHost({
    accounts: ['postgres'],
    ...options,
    reads: {
      'find*': '',
      ...options.reads,
    },
  })
  const params = fileModule.params.parse(args)
  return fileModule.plan(await fileModule.inspect(host, params), params)
}
const none = { changes: [], steps: [] }

describe('file', () => {
  it('makes a folder with its attributes, and its parents', async () => {
    const plan = await planFor(
      { path: '/srv/a/x', state: 'directory', owner: 'postgres', mode: '0700' },
      { files: { '/srv/f': '' } },
    )
    expect(plan).toEqual({
      changes: [{ path: '/srv/a/x', before: null, after: 'folder (0700 postgres)' }],
      steps: [
        { do: 'directory', path: '/srv/a' },
        { do: 'directory', path: '/srv/a/x', owner: 'postgres', mode: '0700' },
      ],
    })
  })

  it.each([
    [{ path: '/f', mode: '0644' }],
    [{ path: '/f', mode: 'u=rw,go=r', owner: 'root', group: 0 }],
    [{ path: '/f', state: 'file' }],
    [{ path: '/d', state: 'directory', owner: '0' }],
    [{ path: '/d/', state: 'directory' }],
    [{ path: '/gone', state: 'absent' }],
    [{ path: '/l', state: 'link', src: '/f' }],
    [{ path: '/f', state: 'touch', modification_time: 'preserve' }],
  ])('changes nothing for %j where it is so', async (args) => {
    const files = { '/f': '', '/d/inside': '', '/l': { type: 'link', target: '/f' } as const }
    expect(await planFor(args, { files })).toMatchObject(none)
  })

  it('sets what differs and nothing else, following a link', async () => {
    const files = { '/f': { mode: '0600' }, '/l': { type: 'link', target: 'f' } as const }
    expect(await planFor({ path: '/l', mode: '0644', owner: 'root' }, { files })).toEqual({
      changes: [{ path: '/f mode', before: '0600', after: '0644' }],
      steps: [{ do: 'attributes', path: '/f', mode: '0644' }],
    })
  })

  it('finds what differs deep in a folder', async () => {
    const find =
      'd 755 root 0 root 0 /d/a\0f 600 root 0 root 0 /d/a/with space\0f 644 postgres 105 root 0 /d/b\0'
    const plan = await planFor(
      { path: '/d', state: 'directory', recurse: true, mode: 'u=rwX,go=rX', owner: 'root' },
      { files: { '/d/a': '' }, reads: { 'find*': find } },
    )
    expect(plan.changes).toEqual([
      { path: '/d contents', before: '2 unlike: /d/a/with space, /d/b', after: 'root u=rwX,go=rX' },
    ])
    expect(plan.steps).toMatchObject([
      { do: 'attributes', path: '/d/a/with space', mode: '0644' },
      { do: 'attributes', path: '/d/b', owner: 'root' },
    ])
  })

  it('links, replacing another link, and a file only by force', async () => {
    const files = { '/t': '', '/l': { type: 'link', target: '/old' } as const, '/f': '' }
    const link = { state: 'link', src: '/t' }
    expect((await planFor({ ...link, path: '/l' }, { files })).changes).toEqual([
      { path: '/l', before: 'link to /old', after: 'link to /t' },
    ])
    await expect(planFor({ ...link, path: '/f' }, { files })).rejects.toBeInstanceOf(Refusal)
    expect((await planFor({ ...link, path: '/f', force: true }, { files })).steps).toEqual([
      { do: 'remove', path: '/f' },
      { do: 'link', path: '/f', target: '/t' },
    ])
  })

  it('touches', async () => {
    expect(
      (await planFor({ path: '/d/new', state: 'touch' }, { files: { '/d/x': '' } })).steps,
    ).toMatchObject([{ do: 'write_file', content: '' }])
    expect((await planFor({ path: '/f', state: 'touch' }, { files: { '/f': '' } })).steps).toMatchObject([
      { do: 'attributes', path: '/f', touch: true },
    ])
  })

  it('removes a folder, as destructive', async () => {
    const plan = await planFor({ path: '/srv/x', state: 'absent' }, { files: { '/srv/x/f': '' } })
    expect(plan).toEqual({
      changes: [{ path: '/srv/x', before: 'folder', after: null, destructive: true }],
      steps: [{ do: 'remove', path: '/srv/x' }],
    })
  })

  it.each([
    [
      'a PostgreSQL data directory',
      { path: '/srv/pg', state: 'absent' },
      'holds a PostgreSQL data directory',
    ],
    [
      'what is in one',
      { path: '/srv/pg/15/main/pg_wal', state: 'absent' },
      'is in a PostgreSQL data directory',
    ],
    [
      'a folder of the system by another name',
      { path: '//etc/./', state: 'absent' },
      'belongs to the system',
    ],
    ['a way back up', { path: '/etc/../etc/f', state: 'absent' }, 'leads back up'],
    ['a folder in which something is mounted', { path: '/mnt/x', state: 'absent' }, '/mnt/x/my data'],
    ['a folder of the system', { path: '/etc', state: 'absent' }, 'belongs to the system'],
    ['a path that is not there', { path: '/gone', mode: '0644' }, 'does not exist'],
    ['a folder as a file', { path: '/etc', state: 'file' }, 'is a directory'],
    ['a file as a folder', { path: '/etc/f', state: 'directory' }, 'not a folder'],
    ['a link to nothing', { path: '/etc/l', state: 'link', src: '/gone' }, 'does not exist'],
    ['a file in a missing folder', { path: '/gone/f', state: 'touch' }, 'the folder /gone does not exist'],
    ['an unknown owner', { path: '/etc/f', owner: 'nobdy' }, "no user 'nobdy'"],
  ])('refuses %s', async (_what, args, message) => {
    const files = {
      '/etc/f': '',
      '/srv/pg/15/main/PG_VERSION': '15',
      '/srv/pg/15/main/pg_wal/0001': '',
      '/mnt/x/f': '',
      '/proc/self/mountinfo': '36 35 98:0 / /mnt/x/my\\040data rw - ext4 /dev/x rw\n',
    }
    const reads: FakeHostOptions['reads'] =
      args.path === '/srv/pg' ? { 'find*': '/srv/pg/15/main/PG_VERSION\n' } : { 'find*': '' }
    await expect(planFor(args, { files, reads })).rejects.toThrow(message)
  })

  it('takes unknown owners and folders to come with planned packages', async () => {
    const plan = await planFor(
      { path: '/etc/app/f', state: 'touch', owner: 'app' },
      { facts: [predict(plannedPackagesKey(), ['app'])] },
    )
    expect(plan.changes).toHaveLength(1)
    expect(plan.notes).toEqual([expect.stringContaining('planned package')])
  })

  it.each([
    [{ path: '/etc/app/conf.d', state: 'directory' }],
    [{ path: '/run/app', state: 'directory' }],
    [{ path: '/etc/app/conf.d/10-default', state: 'absent' }],
    [{ path: '/etc/app/enabled/a', state: 'link', src: '../available/a', force: true }],
    [{ path: '/etc/app.conf', mode: '0600' }],
  ])('does not guess whether a planned package brings %j', async (args) => {
    const facts = [predict(plannedPackagesKey(), ['libxyz', 'app-server'])]
    await expect(planFor(args, { facts })).rejects.toThrow(UnknownError)
  })

  it('knows that no package brings what is for others to have', async () => {
    const facts = [predict(plannedPackagesKey(), ['app'])]
    const files = { '/etc/passwd': '' }
    for (const path of ['/srv/app/data', '/usr/local/app/x', '/etc/other'])
      expect((await planFor({ path, state: 'directory' }, { facts, files })).changes).toHaveLength(1)
    expect(await planFor({ path: '/srv/app/data', state: 'absent' }, { facts })).toEqual(none)
  })

  it.each([
    [{ path: 'relative' }],
    [{ path: '/l', state: 'link' }],
    [{ path: '/f', recurse: true }],
    [{ path: '/f', owner: 'a b' }],
  ])('refuses %j before a host is touched', (args) => {
    expect(fileModule.params.safeParse(args).success).toBe(false)
  })
})
