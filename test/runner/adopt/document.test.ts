import fc from 'fast-check'
import { expect, it } from 'vitest'
import type * as z from 'zod'
import { describeCluster } from '../../../runner/adopt/describe.ts'
import { documentOf } from '../../../runner/adopt/document.ts'
import type { ClusterFacts } from '../../../runner/adopt/facts.ts'
import { literal } from '../../../runner/adopt/words.ts'
import { renderValue } from '../../../runner/load/template.ts'
import { parseDocument } from '../../../runner/load/yaml/parse.ts'
import { parseYaml } from '../../../runner/load/yaml.ts'
import { CONTENTS, TOPOLOGY } from '../../../runner/topology/schema.ts'
import { cluster, conf, database, hba, neighbour, publication, role, SAID } from './a-cluster.ts'

/** What a host would see of a file of variables. */
const read = (text: string): Record<string, unknown> => {
  const { value, locate } = parseYaml('host_vars/db1.yaml', text)
  return renderValue(value ?? {}, {}, (path) => locate([...path])) as Record<string, unknown>
}

/** Names as somebody could have given them: also what YAML and templates take for something else. */
const odd = fc.constantFrom(
  ...['1_000', '12:30', '0b11', '+1_0', '0o17', '017', 'off', '2026-01-01', '1e3', '.inf'],
  ...[
    '{{x}}',
    '{% if %}',
    '{# x #}',
    '\\{{',
    '{{{',
    'yes',
    'null',
    '007',
    '1_0',
    '1e3',
    '~',
    '- a',
    'a: b',
    '# a',
  ],
  ...[
    '"',
    "'",
    '\\',
    'ä ö',
    ' a ',
    '[a]',
    '{a}',
    '&a',
    '*a',
    '!a',
    '%a',
    '@a',
    'a\tb',
    'a\nb',
    '=',
    '<<',
    '2031-01-01',
  ],
)
const name = fc
  .oneof(odd, fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }))
  .filter((text) => !text.includes('\0') && Buffer.byteLength(text) < 60)

const facts = fc.record({
  roles: fc
    .uniqueArray(name, { maxLength: 4 })
    .map((names) => names.map((one) => role(one, { login: true }))),
  databases: fc
    .uniqueArray(fc.tuple(name, name, name), { maxLength: 3, selector: ([one]) => one })
    .map((all) =>
      all.map(([one, other, third]) => ({
        database: database(one, { owner: other, collate: third }),
        extensions: [{ name: 'pg_trgm', schema: other, version: '1', relocatable: true }],
        publications: [
          publication(other, { tables: [{ schema: third, name: other, columns: [third], where: null }] }),
        ],
      })),
    ),
  subscriptions: fc.array(fc.tuple(name, name), { maxLength: 2 }).map((all) =>
    all.map(([one, other]) => ({
      ...{ name: one, database: 'postgres' },
      subscription: { enabled: true, slot_name: 's', publications: [other], conninfo: { host: '10.0.0.1' } },
    })),
  ),
  settings: fc.record({ log_line_prefix: name, work_mem: fc.constantFrom('13MB', '4242', 'x') }),
  rule: fc.tuple(name, name),
})

it('what is written is read back the same, and is what the schema takes', async () => {
  await fc.assert(
    fc.asyncProperty(facts, async ({ settings, rule, ...more }) => {
      const text = (one: string) => `"${one.replaceAll('"', '""').replaceAll('\n', ' ')}"`
      const whole: ClusterFacts = await cluster({
        ...more,
        conf: await conf(settings, { wal_level: 'logical', log_line_prefix: settings.log_line_prefix }),
        hba: hba(`host ${text(rule[0])} ${text(rule[1])} 10.0.0.0/8 md5`),
      })
      const description = describeCluster(whole, SAID, [neighbour('a', '10.0.0.1')])
      const seen = read(documentOf(description, '2026-11-29'))
      // Beside an ansible.cfg it is read as YAML 1.1.
      expect(parseDocument('x.yaml', documentOf(description, '2026-11-29'), () => true).value ?? {}).toEqual(
        parseYaml('x.yaml', documentOf(description, '2026-11-29')).value ?? {},
      )
      for (const variable of description.variables) {
        const { [variable.name]: value } = seen
        if (variable.value === undefined) expect(value).toBeUndefined()
        else expect(literal(value)).toEqual(variable.value)
      }
      const schemas = { ...TOPOLOGY, ...CONTENTS } as Record<string, z.ZodType>
      for (const [variable, value] of Object.entries(seen))
        expect(schemas[variable]!.safeParse(value).error?.issues, variable).toBeUndefined()
      const names = ((seen.pg_roles ?? []) as { name: string }[]).map((one) => one.name)
      const gone = description.variables
        .flatMap(({ notes }) => notes)
        .filter((note) => /^Role .* left out/s.test(note))
      expect(names.length + gone.length).toBe(more.roles.length)
      expect(more.roles.map((one) => one.name)).toEqual(expect.arrayContaining(names))
    }),
    { numRuns: 150 },
  )
})

it('a comment is one line, whatever is in it', () => {
  const description = {
    ...{ host: 'db1', cluster: '15/main', warnings: [] },
    variables: [{ name: 'pg_roles', notes: ['Role a\nb: is left out'] }],
  }
  expect(read(documentOf(description, '2026-11-29'))).toEqual({})
})
