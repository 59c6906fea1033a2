import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import { tlsCertificateModule } from '../../../modules/system/tls-certificate/index.ts'
import { certify, newPair, type Pair } from '../../support/certificates.ts'
import type { FakeFile, FakeHostOptions } from '../../support/fake-host.ts'
import { planAgain, planWith } from '../postgres/fold-plan.ts'

const scratch = mkdtempSync(join(tmpdir(), 'play-certificate-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const CA = join(scratch, 'ca')
const OTHER = join(scratch, 'other')
const NOW = Date.now()
const DAY = 86_400_000
const [cert, key, root_cert] = ['/etc/tls/server.crt', '/etc/tls/server.key', '/etc/tls/root.crt']
const wish = { cert, key, root_cert, names: ['db1', '192.0.2.7'], authority: CA }

let pair: Pair
let another: Pair
let good: string
let root: string
beforeAll(async () => {
  pair = await newPair()
  another = await newPair()
  good = (await certify(CA, pair, wish.names)).certificate
  root = readFileSync(join(CA, 'ca.crt'), 'utf8')
  await certify(OTHER, pair, ['x'])
})

const postgres = { owner: 'postgres', group: 'postgres' }
interface World {
  cert?: string
  root?: string
  /** undefined: there is no key; null: openssl cannot read it. */
  public?: string | null
  now?: number
  ca?: Record<string, string> | null
  files?: Record<string, FakeFile>
}

/** A host with these files, and a controller with an authority. */
function host(world: World): FakeHostOptions {
  const files: Record<string, FakeFile> = { '/etc/tls/.keep': '', ...world.files }
  if (world.cert !== undefined) files[cert] = { content: world.cert, ...postgres }
  if (world.root !== undefined) files[root_cert] = { content: world.root, ...postgres }
  if (world.public !== undefined) files[key] = { content: 'never read', mode: '0600', ...postgres }
  const authority = world.ca === undefined ? { 'ca.crt': '0644', 'ca.key': '0600' } : world.ca
  return {
    files,
    now: Math.floor((world.now ?? NOW) / 1000),
    reads: {
      [`openssl pkey -in ${key} -pubout`]: world.public ? world.public : { code: 1, stderr: 'no' },
    },
    controller: {
      async tree(path) {
        if (authority === null) throw new Refusal('there is no file')
        return Object.entries(authority).map(([relative, mode]) => ({
          relative,
          path: join(path, relative),
          mode,
          type: 'file' as const,
        }))
      },
      file: async (path) => ({ path, content: readFileSync(path) }),
    },
  }
}
const settled = (): World => ({ cert: good, root, public: pair.publicPem })
const steps = (plan: { steps: { do: string }[] }) => plan.steps.map((step) => step.do)

describe('an authority on the controller', () => {
  it('has nothing to do where key and certificate are as wanted', async () => {
    const { plan } = await planWith(tlsCertificateModule, host(settled()), wish)
    expect([plan.changes, plan.steps, plan.warnings]).toEqual([[], [], undefined])
  })

  it.each([
    ['with an authority', undefined],
    ['before there is an authority', null],
  ])('makes key, certificate and folder on a bare host, and predicts them: %s', async (_, ca) => {
    const bare = { ...host({ ca }), files: {} }
    const { plan } = await planWith(tlsCertificateModule, bare, wish)
    expect(plan.changes.map(({ path }) => path)).toEqual(['/etc/tls', key, root_cert, cert])
    expect(steps(plan)).toEqual(['directory', 'write_file', 'issue_certificate'])
    expect(plan.notes).toHaveLength(ca === null ? 1 : 0)
    expect((await planAgain(tlsCertificateModule, bare, wish)).changes).toEqual([])
  })

  it('keeps the key when only the certificate is issued anew', async () => {
    const { plan } = await planWith(tlsCertificateModule, host({ ...settled(), cert: undefined }), wish)
    expect(steps(plan)).toEqual(['issue_certificate'])
  })

  const cases: [string, () => Promise<World> | World, RegExp][] = [
    ['it ends soon', () => ({ ...settled(), now: NOW + 950 * DAY }), /^it ends on \d{4}-\d\d-\d\d$/],
    [
      'a name is missing',
      async () => ({ ...settled(), cert: (await certify(CA, pair, ['db1'])).certificate }),
      /^it is for other names$/,
    ],
    [
      'it names a host too many',
      async () => ({ ...settled(), cert: (await certify(CA, pair, [...wish.names, 'db9'])).certificate }),
      /^it is for other names$/,
    ],
    [
      'another authority signed it',
      async () => ({ ...settled(), cert: (await certify(OTHER, pair, wish.names)).certificate }),
      /^another authority signed it$/,
    ],
    [
      'the key is another one',
      () => ({ ...settled(), public: another.publicPem }),
      /not for the private key$/,
    ],
    ['it is no certificate', () => ({ ...settled(), cert: 'nonsense' }), /^there is none$/],
  ]
  it.each(cases)('issues it anew where %s', async (_, world, reason) => {
    const here = host(await world())
    const { plan } = await planWith(tlsCertificateModule, here, wish)
    expect(steps(plan)).toEqual(['issue_certificate'])
    expect(plan.changes).toEqual([
      expect.objectContaining({ path: cert, reason: expect.stringMatching(reason) }),
    ])
    expect((await planAgain(tlsCertificateModule, here, wish)).changes).toEqual([])
  })

  it('does not issue anew what would end no later: an authority near its end', async () => {
    const end = Date.parse('2046-01-01')
    const short = (await certify(CA, pair, wish.names, 7300)).certificate
    const { plan } = await planWith(tlsCertificateModule, host({ ...settled(), cert: short, now: end }), {
      ...wish,
      days: 7300,
      renew_days: 400,
    })
    expect(plan.changes).toEqual([])
    expect(plan.warnings).toEqual([
      expect.stringMatching(/authority in .* ends on \d{4}-\d\d-\d\d, and with it/),
    ])
  })

  it('brings back the certificate of the authority alone, and owner and mode', async () => {
    const files = { [key]: { content: '', mode: '0644', owner: 'root', group: 'root' } }
    const here = host({ ...settled(), public: undefined, root: 'old' })
    Object.assign(here.files!, files)
    here.reads![`openssl pkey -in ${key} -pubout`] = pair.publicPem
    const { plan } = await planWith(tlsCertificateModule, here, wish)
    expect(plan.changes.map(({ path }) => path)).toEqual([
      root_cert,
      `${key} owner`,
      `${key} group`,
      `${key} mode`,
    ])
    expect(steps(plan)).toEqual(['write_file', 'attributes'])
  })

  it('refuses an authority whose key others may read', async () => {
    const open = host({ ...settled(), ca: { 'ca.crt': '0644', 'ca.key': '0644' } })
    await expect(planWith(tlsCertificateModule, open, wish)).rejects.toThrow(/ca\.key has mode 0644/)
  })
  it.each([
    ['this host trusts', { root: 'x' }, () => [], /and db1 trusts one already/],
    ['another host trusts', {}, () => ['db2', 'db3'], /and db2, db3 trust one already/],
  ])('makes no second authority where %s one already', async (_, world, othersWith, message) => {
    const here = { ...host({ ...world, ca: null }), othersWith, name: 'db1' }
    const refused = planWith(tlsCertificateModule, here, wish)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({
      hint: expect.stringContaining(`Copy ca.crt and ca.key to ${CA}`),
    })
    const { plan } = await planWith(tlsCertificateModule, here, { ...wish, new_authority: true })
    expect(plan.steps.map((step) => step.do)).toContain('issue_certificate')
  })
  it('takes the authority that another host of the run has got made meanwhile', async () => {
    const made = host({})
    let looks = 0
    const here = {
      ...made,
      othersWith: () => ['db2'],
      controller: {
        ...made.controller,
        tree: async (path: string) => (looks++ === 0 ? [] : made.controller!.tree!(path)),
      },
    }
    const { plan } = await planWith(tlsCertificateModule, here, wish)
    expect(plan.notes).toEqual([])
  })
  it('refuses an authority that others may write to', async () => {
    const whoElseWrites = async (path: string) => (path === CA ? 'it has mode 0777' : null)
    const open = host(settled())
    Object.assign(open.controller!, { whoElseWrites })
    await expect(planWith(tlsCertificateModule, open, wish)).rejects.toMatchObject({
      message: `others than you may write to ${CA}: it has mode 0777`,
      hint: `chmod go-w ${CA}`,
    })
  })
  it('needs the key of the authority only to issue', async () => {
    const ca = { 'ca.crt': '0644' }
    expect((await planWith(tlsCertificateModule, host({ ...settled(), ca }), wish)).plan.changes).toEqual([])
    const missing = planWith(tlsCertificateModule, host({ ...settled(), cert: undefined, ca }), wish)
    await expect(missing).rejects.toThrow(/ca\.key is missing, so that no certificate can be issued/)
  })
  it('refuses an authority that has ended, and says how to get a new one', async () => {
    const late = planWith(tlsCertificateModule, host({ ...settled(), now: NOW + 30 * 365 * DAY }), wish)
    await expect(late).rejects.toMatchObject({ hint: expect.stringContaining('Move that folder away') })
  })
  it('does not replace a private key that cannot be read', async () => {
    const broken = planWith(tlsCertificateModule, host({ ...settled(), public: null }), wish)
    await expect(broken).rejects.toThrow(`openssl cannot read the private key ${key}`)
  })
})

describe('a certificate that the user brings', () => {
  const given = { cert: join(scratch, 'g.crt'), key: join(scratch, 'g.key'), root_cert: join(CA, 'ca.crt') }
  const theirs = { ...wish, authority: undefined, given }
  const contents: Record<string, () => string> = {
    [given.cert]: () => good,
    [given.key]: () => pair.privatePem,
    [given.root_cert]: () => root,
  }
  const bring = (world: World, more: Record<string, () => string> = {}): FakeHostOptions => ({
    ...host(world),
    controller: {
      file: async (path) => ({ path, content: Buffer.from({ ...contents, ...more }[path]!()) }),
    },
  })

  it('is written, and nothing of its key is ever shown', async () => {
    const { plan } = await planWith(tlsCertificateModule, bring({}), theirs)
    expect(plan.steps.map((step) => 'path' in step && step.path)).toEqual([root_cert, key, cert])
    expect(JSON.stringify([plan.changes, plan.notes, plan.predicts])).not.toMatch(/PRIVATE|BEGIN/)
    expect((await planAgain(tlsCertificateModule, bring({}), theirs)).changes).toEqual([])
    expect((await planWith(tlsCertificateModule, bring(settled()), theirs)).plan.changes).toEqual([])
  })
  it.each([
    ['the key of another', { [given.key]: () => another.privatePem }, /is not the key of/],
    ['no key', { [given.key]: () => 'secret words' }, /is no private key in PEM/],
    [
      'another root',
      { [given.root_cert]: () => readFileSync(join(OTHER, 'ca.crt'), 'utf8') },
      /does not descend/,
    ],
  ])('is refused with %s', async (_, files, message) => {
    const refused = planWith(tlsCertificateModule, bring({}, files), theirs)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.not.toThrow('secret words')
  })
  it('is refused when clients that verify would refuse it', async () => {
    const other = planWith(tlsCertificateModule, bring({}), { ...theirs, names: ['db1', 'db2'] })
    await expect(other).rejects.toThrow(/is not for db2/)
    const late = planWith(tlsCertificateModule, bring({ now: NOW + 1001 * DAY }), theirs)
    await expect(late).rejects.toThrow(/ended on/)
  })
})
