import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import { type Prediction, predict } from '../../../contract/facts.ts'
import type { ExecStep } from '../../../contract/plan.ts'
import { aptRepoModule } from '../../../modules/packages/apt-repo/index.ts'
import { type PlannedSources, plannedSourcesKey } from '../../../modules/packages/shared/predictions.ts'
import { predictionOf } from '../../support/facts.ts'
import { type FakeFile, fakeHost } from '../../support/fake-host.ts'
import { OTHER_KEY, PLAY_FINGERPRINT, PLAY_KEY } from './keys.ts'

const task = {
  name: 'pgdg',
  uris: 'http://repo.example.org/pg',
  suites: 'bookworm-pgdg',
  key: { url: 'http://repo.example.org/key.asc', fingerprint: PLAY_FINGERPRINT },
}
const SOURCE = '/etc/apt/sources.list.d/pgdg.sources'
const KEY = '/etc/apt/keyrings/pgdg.asc'
const LIST = '/var/lib/apt/lists/repo.example.org_pg_dists_bookworm-pgdg_InRelease'

async function planFor(
  args: object,
  files: Record<string, FakeFile> = {},
  options: { facts?: readonly Prediction[] } = {},
) {
  const host = fakeHost({
    files,
    facts: options.facts,
    controller: { fetch: async () => Buffer.from(PLAY_KEY) },
  })
  const params = aptRepoModule.params.parse(args)
  const state = await aptRepoModule.inspect(host, params)
  return { state, params, plan: aptRepoModule.plan(state, params) }
}
const wanted = async () => (await planFor(task)).state.source!.text

describe('apt_repo', () => {
  it('writes key and source and fetches its lists alone on a bare host', async () => {
    const { plan } = await planFor(task)
    expect(plan.changes.map((change) => change.path)).toEqual([KEY, SOURCE, 'package lists of pgdg'])
    expect(plan.steps.map((step) => step.do)).toEqual([
      'directory',
      'write_file',
      'write_file',
      'exec',
      'exec',
    ])
    expect(plan.steps[2]).toMatchObject({ path: SOURCE, owner: 'root', mode: '0644' })
    expect((plan.steps[4] as ExecStep).argv).toEqual(
      expect.arrayContaining([
        'update',
        `Dir::Etc::sourcelist=${SOURCE}`,
        'APT::Get::List-Cleanup=0',
        'APT::Update::Error-Mode=any',
      ]),
    )
  })

  it('fetches no key that the host already trusts, so that nothing to change needs no internet', async () => {
    const host = fakeHost({
      files: { [KEY]: PLAY_KEY },
      controller: { fetch: () => Promise.reject(new Error('fetched')) },
    })
    const params = aptRepoModule.params.parse(task)
    const plan = aptRepoModule.plan(await aptRepoModule.inspect(host, params), params)
    expect(plan.changes.map((change) => change.path)).toEqual([SOURCE, 'package lists of pgdg'])
  })

  it('writes a deb822 source that trusts this key alone', async () => {
    expect((await wanted()).split('\n').slice(1)).toEqual([
      'Types: deb',
      'URIs: http://repo.example.org/pg',
      'Suites: bookworm-pgdg',
      'Components: main',
      `Signed-By: ${KEY}`,
      '',
    ])
  })

  it('writes the one-line form, and takes the deb822 file away', async () => {
    const { plan, state } = await planFor(
      { ...task, format: 'list', architectures: 'amd64' },
      { [SOURCE]: 'old' },
    )
    expect(state.source?.text).toContain(
      `deb [arch=amd64 signed-by=${KEY}] http://repo.example.org/pg bookworm-pgdg main\n`,
    )
    expect(plan.steps[0]).toEqual({ do: 'remove', path: SOURCE })
  })

  it('changes nothing where all is there', async () => {
    const { plan } = await planFor(task, { [SOURCE]: await wanted(), [KEY]: PLAY_KEY, [LIST]: '' })
    expect(plan).toMatchObject({ changes: [], steps: [], predicts: undefined })
  })

  it('fetches the lists again where they are missing', async () => {
    const { plan } = await planFor(task, { [SOURCE]: await wanted(), [KEY]: PLAY_KEY })
    expect(plan.changes).toEqual([{ path: 'package lists of pgdg', before: null, after: 'fetched' }])
  })

  it('replaces a key that was exchanged', async () => {
    const { plan } = await planFor(task, { [SOURCE]: await wanted(), [KEY]: OTHER_KEY, [LIST]: '' })
    expect(plan.changes.map((change) => change.path)).toEqual([KEY, 'package lists of pgdg'])
  })

  it('predicts source and key beside those of earlier tasks', async () => {
    const earlier: PlannedSources = {
      sources: [{ path: '/etc/apt/sources.list.d/a.sources', text: 'a' }],
      keys: [],
      removed: [],
    }
    const { plan } = await planFor(task, {}, { facts: [predict(plannedSourcesKey(), earlier)] })
    const predicted = predictionOf(plan, plannedSourcesKey())!
    expect(predicted.sources.map((one) => one.path)).toEqual(['/etc/apt/sources.list.d/a.sources', SOURCE])
    expect(predicted.sources[1]?.text).toContain(`Signed-By: @ROOT@${KEY}`)
    expect(Buffer.from(predicted.keys[0]!.base64, 'base64').toString()).toBe(PLAY_KEY)
  })

  it('removes source and keyring with state absent', async () => {
    const { plan } = await planFor({ name: 'pgdg', state: 'absent' }, { [SOURCE]: 'x', [KEY]: 'y' })
    expect(plan.steps).toEqual([
      { do: 'remove', path: SOURCE },
      { do: 'remove', path: KEY },
    ])
    expect((await planFor({ name: 'pgdg', state: 'absent' })).plan.steps).toEqual([])
  })

  it('tells of another file with the same address', async () => {
    const files = {
      '/etc/apt/sources.list': 'deb http://repo.example.org/pg/ other main\n',
      '/etc/apt/sources.list.d/x.list': '# deb http://repo.example.org/pg y main\n',
    }
    const { plan } = await planFor(task, files)
    expect(plan.notes).toEqual([expect.stringContaining('/etc/apt/sources.list names the same address')])
  })

  it.each([
    [
      'list',
      'deb [arch=amd64 signed-by=/usr/share/x.asc] URI SUITE main\n',
      /signed_by: \/usr\/share\/x\.asc/,
    ],
    ['list', 'deb URI/ SUITE main # as it came\n', /state: absent/],
    [
      'list',
      'deb [ signed-by="/usr/share/x.asc" ] "URI" "SUITE" main\r\n',
      /signed_by: \/usr\/share\/x\.asc/,
    ],
    ['list', 'deb [signed-by=/usr/share/x.asc] ESCAPED SUITE main\n', /signed_by: \/usr\/share\/x\.asc/],
    [
      'sources',
      'Types: deb\r\nURIs: URI\r\nSuites: SUITE\r\nSigned-By: /usr/share/x.asc\r\n',
      /signed_by: \/usr\/share\/x\.asc/,
    ],
    ['sources', 'Types: deb\nURIs: URI\nSuites: other SUITE\nSigned-By:\n -----BEGIN\n', /state: absent/],
    ['list', '# deb URI SUITE main\ndeb URI other main\n', undefined],
    ['list', 'deb [signed-by=OURS] URI SUITE main\n', undefined],
    ['sources', 'Types: deb\nURIs: URI\nSuites: SUITE\nEnabled: no\nSigned-By: /x\n', undefined],
  ])('a repository that %s has with %j', async (ending, text, refused) => {
    const path = `/etc/apt/sources.list.d/theirs.${ending}`
    const [uri, suite] = [task.uris, task.suites].map((one) => String(Array.isArray(one) ? one[0] : one))
    const filled = text
      .replace(/\bURI\b/g, uri!)
      .replaceAll('ESCAPED', uri!.replace('g', '%67'))
      .replaceAll('SUITE', suite!)
      .replaceAll('OURS', '/etc/apt/keyrings/pgdg.asc')
    const planned = planFor(task, { [path]: filled })
    if (refused) {
      const error = await planned.catch((e) => e)
      expect(error).toBeInstanceOf(Refusal)
      expect(error.message).toMatch(/theirs\.\w+ has this repository already/)
      expect(error.hint).toMatch(refused)
    } else await expect(planned).resolves.toBeDefined()
  })

  it('refuses a keyring that nobody brings', async () => {
    const { key: _, ...keyless } = task
    await expect(planFor({ ...keyless, signed_by: '/usr/share/keyrings/x.gpg' })).rejects.toBeInstanceOf(
      Refusal,
    )
  })

  it('fails in apt words where an older apt only warns', async () => {
    const { plan, params, state } = await planFor(task)
    const output = { code: 0, stdout: '', stderr: 'W: Failed to fetch http://x  404  Not Found', seconds: 1 }
    expect(aptRepoModule.result!({ plan, params, state, outputs: [output] })).toMatchObject({
      failed: true,
      msg: expect.stringContaining('404'),
    })
  })

  it.each([
    ['a short key id', { ...task, key: { ...task.key, fingerprint: '286DA360' } }],
    ['two places for the key', { ...task, key: { ...task.key, file: 'x' } }],
    ['no address', { name: 'a', suites: 'b' }],
    ['a name that apt overlooks', { ...task, name: 'a b' }],
    ['a suite with a space', { ...task, suites: 'a b' }],
    ['an unknown argument', { ...task, sutes: 'a' }],
  ])('refuses %s before a host is touched', (_what, args) => {
    expect(aptRepoModule.params.safeParse(args).success).toBe(false)
  })
})
