import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../contract/plan.ts'
import { pgPassfileModule } from '../../../modules/postgres/pg-passfile/index.ts'
import { type FakeFile, fakeHost } from '../../support/fake-host.ts'

const PATH = '/var/lib/postgresql/.pgpass'
const OWN = { owner: 'postgres', group: 'postgres', mode: '0600' }
const ENTRY = { host: 'vm1', user: 'repl', password: 'wanted' }

async function planFor(file: FakeFile | undefined, more: object = {}): Promise<Plan> {
  const params = pgPassfileModule.params.parse({ path: PATH, entries: [ENTRY], ...more })
  const host = fakeHost({ files: file === undefined ? {} : { [PATH]: file } })
  return pgPassfileModule.plan(await pgPassfileModule.inspect(host, params), params)
}
const textOf = (plan: Plan): unknown =>
  plan.steps.map((step) => (step.do === 'write_file' ? step.content : step.do))[0]

describe('pg_passfile', () => {
  it('makes a file that its owner alone can read, and shows no password', async () => {
    const plan = await planFor(undefined)
    expect(plan.steps).toMatchObject([{ do: 'write_file', content: 'vm1:*:*:repl:wanted\n', ...OWN }])
    expect(JSON.stringify(plan.changes)).not.toContain('wanted\\n')
    expect(plan.changes.map(({ path }) => path)).toEqual([PATH, `${PATH} entry vm1:*:*:repl`])
  })

  it('does nothing where the entry is in force', async () => {
    const content = '# mine\nother:*:*:x:y\nvm1:*:*:repl:wanted'
    expect((await planFor({ content, ...OWN })).steps).toEqual([])
  })

  it('replaces the password of a connection, and keeps the other lines', async () => {
    const plan = await planFor({ content: '# mine\nvm1:*:*:repl:old\nother:*:*:x:y\n', ...OWN })
    expect(textOf(plan)).toBe('# mine\nvm1:*:*:repl:wanted\nother:*:*:x:y\n')
    expect(JSON.stringify(plan.changes)).not.toMatch(/old/)
  })

  it('puts an entry before a line that would hide it', async () => {
    const plan = await planFor({ content: 'a:*:*:x:y\n*:*:*:repl:old\nvm1:*:*:repl:wanted\n', ...OWN })
    expect(textOf(plan)).toBe('a:*:*:x:y\nvm1:*:*:repl:wanted\n*:*:*:repl:old\n')
  })

  it('escapes colons and backslashes, and reads them back', async () => {
    const entries = [{ host: '::1', port: 5432, dbname: 'a\\b', user: 'r:w', password: 'p:\\' }]
    const content = '\\:\\:1:5432:a\\\\b:r\\:w:p\\:\\\\\n'
    expect(textOf(await planFor(undefined, { entries }))).toBe(content)
    expect((await planFor({ content, ...OWN }, { entries })).steps).toEqual([])
  })

  it('takes away what is not listed only where the file is its own', async () => {
    const plan = await planFor(
      { content: 'vm1:*:*:repl:wanted\nother:*:*:x:secret\n', ...OWN },
      { exclusive: true },
    )
    expect(textOf(plan)).toBe('vm1:*:*:repl:wanted\n')
    expect(plan.changes).toEqual([
      { path: `${PATH} entry other:*:*:x`, before: 'present', after: null, destructive: true },
    ])
  })

  it('closes a file that others may read, which libpq would ignore', async () => {
    const plan = await planFor({ content: 'vm1:*:*:repl:wanted\n', ...OWN, mode: '0644' })
    expect(plan.changes).toEqual([{ path: `${PATH} mode`, before: '0644', after: '0600' }])
    expect(plan.steps).toMatchObject([{ do: 'attributes', mode: '0600' }])
  })

  it('refuses a password with a line break', () => {
    const entries = [{ ...ENTRY, password: 'a\nb' }]
    expect(pgPassfileModule.params.safeParse({ path: PATH, entries }).success).toBe(false)
  })
})
