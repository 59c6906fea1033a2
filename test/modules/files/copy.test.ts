import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import type { ControllerReader } from '../../../contract/host.ts'
import type { Module } from '../../../contract/module.ts'
import { copyModule } from '../../../modules/files/copy/index.ts'
import { templateModule } from '../../../modules/files/template.ts'
import { type FakeFile, fakeHost } from '../../support/fake-host.ts'

const controller: Partial<ControllerReader> = {
  file: async (path) => ({
    content: Buffer.from(`content of ${path.split('/').at(-1)}\n`),
    path: path.startsWith('/') ? path : `/play/files/${path}`,
  }),
  tree: async (path) =>
    path === 'folder'
      ? [
          { relative: 'sub', path: '/play/files/folder/sub', mode: '0755', type: 'directory' },
          { relative: 'sub/a', path: '/play/files/folder/sub/a', mode: '0644', type: 'file' },
          { relative: 'b', path: '/play/files/folder/b', mode: '0644', type: 'file' },
        ]
      : null,
  template: async (path) => ({ content: 'rendered\n', path }),
}
async function planFor(module: Module, args: object, files: Record<string, FakeFile> = {}) {
  const host = fakeHost({ files: { '/etc/hostname': 'x', ...files }, controller })
  const params = module.params.parse(args)
  return module.plan(await module.inspect(host, params), params)
}

describe('copy', () => {
  it('writes a new file and shows its text', async () => {
    expect(await planFor(copyModule, { content: 'hello\n', dest: '/etc/motd', mode: '0600' })).toMatchObject({
      changes: [{ path: '/etc/motd', before: null, after: 'hello\n', text: true }],
      steps: [{ do: 'write_file', path: '/etc/motd', content: Buffer.from('hello\n'), mode: '0600' }],
    })
  })

  it('changes nothing where content and attributes are the same', async () => {
    const plan = await planFor(
      copyModule,
      { content: 'hello\n', dest: '/etc/motd', mode: '0644', owner: 'root' },
      { '/etc/motd': 'hello\n' },
    )
    expect(plan).toMatchObject({ changes: [], steps: [] })
  })

  it('sets attributes without writing where the content is the same', async () => {
    const plan = await planFor(copyModule, { content: 'x', dest: '/f', mode: 'go=' }, { '/f': 'x' })
    expect(plan).toMatchObject({
      changes: [{ path: '/f mode', before: '0644', after: '0600' }],
      steps: [{ do: 'attributes', path: '/f', mode: '0600' }],
    })
  })

  it('writes what others may not read anew for its new owner, and shows no other content', async () => {
    const plan = await planFor(
      copyModule,
      { content: 'x', dest: '/f', owner: 'root', backup: true },
      { '/f': { content: 'x', mode: '0600', owner: 'games', uid: 5 } },
    )
    expect(plan).toMatchObject({
      changes: [{ path: '/f owner', before: 'games', after: 'root' }],
      steps: [expect.objectContaining({ do: 'write_file', path: '/f', owner: 'root', mode: undefined })],
    })
    expect(plan.steps[0]).not.toHaveProperty('backup')
  })

  it('shows old and new text, and streams a file from the controller', async () => {
    const plan = await planFor(
      copyModule,
      { src: 'motd', dest: '/etc/', backup: true },
      { '/etc/motd': 'old\n' },
    )
    expect(plan).toMatchObject({
      changes: [{ path: '/etc/motd', before: 'old\n', after: 'content of motd\n', text: true }],
      steps: [
        {
          do: 'write_file',
          path: '/etc/motd',
          content: { controllerFile: '/play/files/motd' },
          backup: true,
        },
      ],
    })
  })

  it('keeps a file with force: false', async () => {
    expect(
      (await planFor(copyModule, { content: 'new', dest: '/f', force: false }, { '/f': 'old' })).steps,
    ).toEqual([])
  })

  it('does not show what is no text', async () => {
    const plan = await planFor(copyModule, { content: 'new', dest: '/f' }, { '/f': Buffer.from([0, 1, 2]) })
    expect(plan.changes[0]).toMatchObject({
      before: expect.stringContaining('sha256'),
      after: expect.stringContaining('3 bytes'),
    })
    expect(plan.changes[0]).not.toHaveProperty('text')
  })

  it('makes the folder that dest names with a slash', async () => {
    const plan = await planFor(copyModule, { src: 'motd', dest: '/etc/new/' })
    expect(plan.steps.map((step) => step.do)).toEqual(['directory', 'write_file'])
  })

  it.each([
    ['folder', '/etc/folder'],
    ['folder/', '/etc'],
  ])('copies %s to %s', async (src, into) => {
    const plan = await planFor(copyModule, { src, dest: '/etc' })
    expect(plan.changes.map((change) => change.path)).toEqual([
      ...(into === '/etc' ? [] : [into]),
      `${into}/sub`,
      `${into}/sub/a`,
      `${into}/b`,
    ])
  })

  it('writes a mapping as JSON', async () => {
    const plan = await planFor(copyModule, { content: { a: [1] }, dest: '/f' })
    expect(plan.changes[0]?.after).toBe('{\n  "a": [\n    1\n  ]\n}\n')
  })

  it.each([
    ['in a missing folder', { content: 'x', dest: '/gone/f' }],
    ['over a folder', { content: 'x', dest: '/etc' }],
    ['a text into a folder', { content: 'x', dest: '/etc/' }],
  ])('refuses to write %s', async (_what, args) => {
    await expect(planFor(copyModule, args)).rejects.toBeInstanceOf(Refusal)
  })

  it.each([
    [{ dest: '/f' }],
    [{ src: 'a', content: 'b', dest: '/f' }],
    [{ content: 'a', dest: 'f' }],
    [{ content: 'a', dest: '/f', mode: 644 }],
    [{ content: 'a', dest: '/f', validate: 'visudo -c' }],
  ])('refuses %j before a host is touched', (args) => {
    expect(copyModule.params.safeParse(args).success).toBe(false)
  })
})

describe('template', () => {
  it('writes what the controller rendered, validated, under its name without .hbs', async () => {
    const plan = await planFor(templateModule, {
      src: 'sudoers.hbs',
      dest: '/etc/',
      validate: "visudo -cf '%s'",
    })
    expect(plan.steps).toMatchObject([
      { path: '/etc/sudoers', content: Buffer.from('rendered\n'), validate: ['visudo', '-cf', '%s'] },
    ])
  })
  it('changes nothing where it is there', async () => {
    expect((await planFor(templateModule, { src: 'a', dest: '/a' }, { '/a': 'rendered\n' })).steps).toEqual(
      [],
    )
  })
})
