import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import { aptRepositoryModule as module } from '../../../modules/packages/apt-repository.ts'
import { plannedSourcesKey } from '../../../modules/packages/shared/predictions.ts'
import { modules } from '../../../modules/registry.ts'
import { predictionOf } from '../../support/facts.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

const LINE = 'deb [signed-by=/etc/apt/keyrings/pgdg.asc] http://deb.example/pub/pgdg bookworm-pgdg main'
const FILES = {
  '/etc/apt/sources.list': 'deb http://deb.example/debian bookworm main\n',
  '/etc/apt/keyrings/pgdg.asc': 'KEY',
}
const planOf = async (args: object, options: FakeHostOptions = { files: FILES }) => {
  const params = module.params.parse({ repo: LINE, ...args })
  return module.plan(await module.inspect(fakeHost(options), params), params)
}
const PATH = '/etc/apt/sources.list.d/deb_example_pub_pgdg.list'

describe('apt_repository', () => {
  it('adds the line to the file that Ansible would make, and fetches the lists', async () => {
    const plan = await planOf({})
    expect(plan.changes).toMatchObject([
      { path: PATH, before: null, after: `${LINE}\n`, text: true },
      { path: 'package lists', after: 'fetched' },
    ])
    expect(plan.steps[0]).toMatchObject({ do: 'write_file', path: PATH, mode: '0644' })
    expect(plan.steps.at(-1)).toMatchObject({ argv: expect.arrayContaining(['update']) })
    expect(predictionOf(plan, plannedSourcesKey())).toEqual({
      sources: [{ path: PATH, text: `${LINE.replace('=/etc', '=@ROOT@/etc')}\n` }],
      keys: [{ path: '/etc/apt/keyrings/pgdg.asc', base64: 'S0VZ' }],
      removed: [],
    })
  })

  it('adds a second line to a file of that name, and has nothing left to do after its own plan', async () => {
    const own = '/etc/apt/sources.list.d/pgdg.list'
    const options = { files: { ...FILES, [own]: 'deb-src http://deb.example/pub/pgdg bookworm-pgdg main' } }
    const plan = await planOf({ filename: 'pgdg', update_cache: false }, options)
    expect(plan.steps).toMatchObject([
      { path: own, content: `deb-src http://deb.example/pub/pgdg bookworm-pgdg main\n${LINE}\n` },
    ])
    const spelled = LINE.replace('] ', ']   ')
    expect((await planOf({ repo: spelled }, { ...options, plans: [plan] })).changes).toEqual([])
  })

  it('leaves a file that others may not read as it is, and gives it the mode that the task says', async () => {
    const own = '/etc/apt/sources.list.d/t4.list'
    const other = 'deb http://me:word@deb.example/x bookworm main'
    const options = { files: { ...FILES, [own]: { content: `${other}\n`, mode: '0600' } } }
    for (const args of [{ filename: 't4' }, { repo: other, state: 'absent' }]) {
      const many = { files: { ...FILES, [own]: { content: `# mine\n${other}\n`, mode: '0600' } } }
      const [step] = (await planOf(args, many)).steps
      expect(step).toMatchObject({ do: 'write_file', path: own })
      expect(step).not.toHaveProperty('mode')
    }
    expect((await planOf({ filename: 't4', mode: '0640' }, options)).steps[0]).toMatchObject({ mode: '0640' })
    expect((await planOf({ filename: 't4', mode: 'g+r' }, options)).steps[0]).toMatchObject({ mode: '0640' })
    expect((await planOf({ repo: other, mode: '0640' }, options)).steps).toEqual([
      { do: 'attributes', path: own, mode: '0640' },
    ])
    expect((await planOf({ repo: other, mode: '0600' }, options)).steps).toEqual([])
    expect((await planOf({ mode: '0600' })).steps[0]).toMatchObject({ path: PATH, mode: '0600' })
  })

  it.each([
    [
      'a.sources',
      'Types: deb\nURIs: ADDRESS\nSuites: SUITE\nSigned-By: /k.asc',
      'deb ADDRESS SUITE 16',
      /\[signed-by=\/k\.asc\]/,
    ],
    [
      'z.sources',
      'Types: deb\nURIs: ADDRESS\nSuites: SUITE\nTrusted: yes',
      'deb ADDRESS SUITE main',
      /\[trusted=yes\]/,
    ],
    [
      'a.list',
      'deb [signed-by=/k.asc] ADDRESS SUITE main',
      'deb ADDRESS/ SUITE 16',
      /\[signed-by=\/k\.asc\]/,
    ],
    [
      'a.list',
      'deb ADDRESS SUITE main',
      'deb [allow-insecure=yes] ADDRESS SUITE 16',
      /leave allow-insecure out/,
    ],
    ['a.list', 'deb ADDRESS SUITE main', 'deb [signed-by=/k.asc] ADDRESS SUITE 16', undefined],
    [
      'a.list',
      'deb [signed-by=/k.asc] ADDRESS SUITE main',
      'deb [signed-by=/k.asc] ADDRESS SUITE 16',
      undefined,
    ],
    ['a.list', 'deb [signed-by=/k.asc] ADDRESS other main', 'deb ADDRESS SUITE 16', undefined],
  ])('where %s has %j, %s', async (name, text, repo, hint) => {
    const filled = (one: string) =>
      one.replaceAll('ADDRESS', 'http://deb.example/pgdg').replaceAll('SUITE', 'bookworm-pgdg')
    const path = `/etc/apt/sources.list.d/${name}`
    const planned = planOf(
      { repo: filled(repo), filename: 'mine' },
      { files: { ...FILES, [path]: `${filled(text)}\n` } },
    )
    if (!hint) return expect((await planned).changes).toHaveLength(2)
    const error = await planned.catch((e) => e)
    expect(error).toBeInstanceOf(Refusal)
    expect(error.message).toContain(`${path} has this repository already`)
    expect(error.hint).toMatch(hint)
  })

  it('finds it in whatever file, and takes it out of there', async () => {
    const options = {
      files: { ...FILES, [PATH]: `# mine\n${LINE} # here\n`, '/etc/apt/sources.list.d/x.list': `${LINE}\n` },
    }
    expect((await planOf({}, options)).changes).toEqual([])
    const plan = await planOf({ state: 'absent', update_cache: false }, options)
    expect(plan.steps).toMatchObject([
      { do: 'write_file', path: PATH, content: '# mine\n' },
      { do: 'remove', path: '/etc/apt/sources.list.d/x.list' },
    ])
    expect((await planOf({ state: 'absent' })).changes).toEqual([])
  })

  it.each([['ppa:someone/thing'], ['http://deb.example'], ['deb http://deb.example']])(
    '%s is no line',
    (repo) => {
      expect(module.params.safeParse({ repo }).error?.issues[0]?.message).toMatch(
        /expected a line of sources.list/,
      )
    },
  )
})

describe('deb822_repository', () => {
  const repository = modules.get('deb822_repository')!
  it('is apt_repo in its own words', async () => {
    const args = {
      name: 'pgdg',
      types: ['deb'],
      uris: 'http://deb.example/pgdg',
      suites: 'bookworm-pgdg',
      components: 'main, x',
      signed_by: '/etc/apt/keyrings/pgdg.asc',
    }
    const params = repository.params.parse(args)
    const plan = repository.plan(await repository.inspect(fakeHost({ files: FILES }), params), params)
    expect(plan.steps).toMatchObject([{ path: '/etc/apt/sources.list.d/pgdg.sources' }])
    expect(plan.changes[0]?.after).toMatch(/Components: main x\nSigned-By: \/etc\/apt\/keyrings\/pgdg.asc/)
  })
  it('says where a key goes', () => {
    const { error } = repository.params.safeParse({
      name: 'x',
      uris: 'http://a',
      suites: 'b',
      signed_by: 'https://a/key.asc',
      trusted: true,
    })
    expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      'signed_by: expected an absolute path on the host',
      expect.stringMatching(/^trusted: expected nothing/),
    ])
  })
})
