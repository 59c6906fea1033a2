import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Module, ParamMeta } from '../../contract/module.ts'
import { elementOf, parameters, wrapped } from '../../contract/parse-params.ts'
import { parameterRows } from '../../docs/generate.ts'
import { modules } from '../../modules/registry.ts'
import { hintOf, issuesOf, messageOf } from '../../runner/load/issues.ts'

/** What is evaluated before a module sees it, and what may be anything. */
const SPECIAL = [
  '`first`, `last`, or `before` or `after` and a rule',
  'condition or list of conditions',
  'expression',
  'anything',
]

interface Param {
  name: string
  type: string
  schema: z.ZodType
  meta: ParamMeta | undefined
  module: Module
}

/** Every parameter of every module, also those inside mappings and lists of them. */
const all: Param[] = [...modules.values()].flatMap((module) => inside(module, module.params, ''))

function inside(module: Module, schema: z.ZodType, prefix: string): Param[] {
  return [...parameters(schema)].flatMap(([name, { meta, schema: own }]) => {
    const path = `${prefix}${name}`
    const type = typeOf(own)
    const rest = SPECIAL.includes(type) ? [] : inside(module, elementOf(own), `${path}.`)
    return [{ name: `${module.name} ${path}`, type, schema: own, meta, module }, ...rest]
  })
}

function typeOf(schema: z.ZodType): string {
  for (const at of wrapped(schema)) {
    const { type } = at._zod.def
    const takes = at.meta()?.takes
    if (takes) return takes.replace(/^whole number.*|^a whole number.*/, 'whole number')
    if (['enum', 'array', 'object', 'record', 'union'].includes(type)) return type
  }
  return 'none of the types'
}

const of = (...types: string[]): Param[] => all.filter(({ type }) => types.includes(type))

/** One parameter alone, so that no other one is missing. */
const lone = ({ schema, name, module }: Param): { module: Module; key: string } => {
  const key = name.split(/[ .]/).at(-1)!
  return { key, module: { ...module, params: z.strictObject({ [key]: schema }) } }
}

/** What `play` tells of a value, as it would in preflight and in a run. */
function told(param: Param, value: unknown): string[] {
  const { module, key } = lone(param)
  const parsed = module.params.safeParse({ [key]: value })
  if (parsed.success) return []
  return issuesOf(parsed.error.issues, { [key]: value }).map(
    (issue) => `${messageOf(issue, module)} ${hintOf(issue, module) ?? ''}`,
  )
}

const parse = ({ schema }: Param, value: unknown): unknown => schema.parse(value)

describe('every parameter', () => {
  it('is of one of the types', () => {
    expect(all.length).toBeGreaterThan(300)
    expect(of('none of the types').map(({ name }) => name)).toEqual([])
  })
  it('shows a default, or says what counts without it', () => {
    const silent = [...modules.values()].flatMap((module) =>
      parameterRows(module).flatMap(([name, , fallback]) =>
        fallback === '' ? [`${module.name} ${name}`] : [],
      ),
    )
    expect(silent).toEqual([])
  })
  it('shows its type and says what it is', () => {
    const silent = [...modules.values()].flatMap((module) =>
      parameterRows(module).flatMap(([name, type, , text]) =>
        type === '' || text === '' ? [`${module.name} ${name}`] : [],
      ),
    )
    expect(silent).toEqual([])
  })
})

describe('the same is taken in every spelling', () => {
  it('of true and false', () => {
    const flags = of('true or false')
    expect(flags.length).toBeGreaterThan(40)
    for (const param of flags.filter(({ name }) => name !== 'copy remote_src'))
      for (const word of ['yes', 'true', 'on', '1', 1, 'Yes', 'TRUE'])
        expect(parse(param, word), `${param.name}: ${word}`).toBe(parse(param, true))
    for (const param of flags)
      for (const word of ['no', 'false', 'off', '0', 0, 'No', 'FALSE'])
        expect(parse(param, word), `${param.name}: ${word}`).toBe(parse(param, false))
  })
  it('of a whole number', () => {
    const numbers = of('whole number')
    expect(numbers.length).toBeGreaterThan(10)
    for (const param of numbers) {
      const number = [5444, 3].find((one) => param.schema.safeParse(one).success)
      expect(number, param.name).toBeDefined()
      expect(parse(param, String(number)), param.name).toBe(number)
    }
  })
  it('of a time', () => {
    const times = of('time in seconds')
    expect(times.length).toBeGreaterThan(8)
    for (const param of times) {
      for (const spelling of [120, '120', '120s', '120 s', '2min', '120000ms'])
        expect(parse(param, spelling), `${param.name}: ${spelling}`).toBe(120)
      expect(parse(param, '1h'), param.name).toBe(3600)
    }
  })
  it('of a text that is a number', () => {
    for (const param of of('text', 'name', 'slot name')) {
      if (!param.schema.safeParse('15').success || !param.schema.safeParse(15).success) continue
      expect(parse(param, 15), param.name).toEqual(parse(param, '15'))
    }
    expect(modules.get('pg_role')!.params.parse({ version: 15, name: 15 })).toMatchObject({
      version: '15',
      name: '15',
    })
  })
  it('of a list of one text', () => {
    const lists = of('array').filter(({ schema }) => schema.safeParse(['x']).success)
    expect(lists.length).toBeGreaterThan(10)
    for (const param of lists) {
      const element = wrapped(param.schema).find((at) => at._zod.def.element)!._zod.def.element
      if (typeOf(element) === 'anything' || typeOf(element) === 'union') continue
      expect(parse(param, 'x'), param.name).toEqual(parse(param, ['x']))
    }
  })
  it('of a word that YAML may have read as true or false', () => {
    expect(modules.get('apt_install')!.params.parse({ name: 'curl', upgrade: false })).toMatchObject({
      upgrade: 'no',
    })
    const subscription = modules.get('pg_subscription')!
    const parsed = subscription.params.parse({
      version: 15,
      name: 's',
      state: 'absent',
      streaming: true,
      synchronous_commit: false,
    })
    expect(parsed).toMatchObject({ streaming: 'on', synchronous_commit: 'off' })
  })
})

describe('a wrong value', () => {
  /** Of another kind than what is wanted, so that no type takes it. */
  const wrongFor = ({ type }: Param): unknown => {
    if (type === 'object' || type === 'record' || type === 'array') return true
    return type === 'union' ? undefined : { some: 'mapping' }
  }
  it('is told in one voice, with what is expected and what was found', () => {
    for (const param of all) {
      const value = wrongFor(param)
      if (SPECIAL.includes(param.type) || param.type === 'secret' || value === undefined) continue
      const messages = told(param, value)
      expect(messages, param.name).toHaveLength(1)
      expect(messages[0], param.name).toMatch(/: expected .+, but found (a mapping|true|the text "mapping")/)
    }
  })
  it('of true where a text is wanted says to quote it', () => {
    for (const param of of('text', 'name', 'path', 'slot name'))
      expect(told(param, true)[0], param.name).toMatch(/expected .+, but found true quote it: "true"/)
  })
  it('of a secret is not repeated', () => {
    const secrets = all.filter(({ meta, name }) => meta?.secret && !name.endsWith(' login_password'))
    expect(secrets.map(({ name, type }) => [name, type])).toEqual([
      ['pg_passfile entries.password', 'secret'],
      ['pg_role password', 'secret'],
      ['postgresql_user password', 'secret'],
    ])
    for (const param of secrets)
      for (const value of [12_345_678, ['hunter2'], { is: 'hunter2' }, true]) {
        const [message] = told(param, value)
        expect(message, param.name).toMatch(/: expected .* in quotes/)
        expect(message, param.name).not.toMatch(/hunter2|12345678|found/)
      }
  })
  it('of a number that YAML may have changed is to be quoted', () => {
    const restore = all.find(({ name }) => name === 'pg_restore_backup backup')!
    expect(told(restore, 7)[0]).toContain('in quotes, but found the number 7')
  })
})
