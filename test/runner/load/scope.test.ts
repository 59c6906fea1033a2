import { describe, expect, test, vi } from 'vitest'
import { UnknownError, unknown } from '../../../contract/unknown.ts'
import { extendScope, makeScope } from '../../../runner/load/scope.ts'
import { renderValue } from '../../../runner/load/template.ts'

const locate = () => ({ file: 'x.yaml', line: 1, col: 1 })

describe('makeScope', () => {
  test('later layers win, and templates see the winner', () => {
    const scope = makeScope([
      { vars: { port: 1, url: 'http://{{host}}:{{port}}', host: 'a' }, data: false },
      { vars: { port: 2 }, data: true },
    ])
    expect(scope.url).toBe('http://a:2')
    expect({ ...scope }).toEqual({ port: 2, url: 'http://a:2', host: 'a' })
    expect(Object.keys(scope)).toEqual(['port', 'url', 'host'])
    expect('host' in scope).toBe(true)
    expect('toString' in scope).toBe(false)
    expect(scope.constructor).toBe(undefined)
    expect(Object.getPrototypeOf(scope)).toBe(null)
  })

  test('what hosts said is never a template', () => {
    const scope = makeScope([
      { vars: { a: '{{fact}}', secret: 's' }, data: false },
      { vars: { fact: '{{secret}}' }, data: true },
    ])
    expect(scope.a).toBe('{{secret}}')
  })

  test('a variable is rendered when it is first read, and once', () => {
    const read = vi.fn(() => 'x')
    const facts = Object.defineProperty({}, 'fact', { get: read, enumerable: true })
    const scope = makeScope([
      { vars: { broken: '{{missing}}', a: ['{{facts.fact}}'] }, data: false },
      { vars: { facts }, data: true },
    ])
    expect(read).not.toHaveBeenCalled()
    expect(scope.a).toEqual(['x'])
    const calls = read.mock.calls.length
    expect(scope.a).toBe(scope.a)
    expect(read).toHaveBeenCalledTimes(calls)
    expect(() => scope.broken).toThrow(expect.objectContaining({ code: 'variable' }))
  })

  test('variables that refer to each other are an error that names the circle, at the place of the first', () => {
    const where = (name: string) => ({ file: `${name}.yaml`, line: 7, col: 2 })
    const scope = makeScope([
      { vars: { a: '{{b}}', b: ['{{c}}'], c: '{{a}}', d: 'x{{d}}' }, data: false, locate: where },
    ])
    expect(() => scope.a).toThrow(
      expect.objectContaining({
        code: 'variable',
        message: 'variables refer to each other: a → b → c → a',
        pos: where('a'),
      }),
    )
    expect(() => scope.d).toThrow(expect.objectContaining({ message: 'the variable d refers to itself' }))
    expect(() => scope.a, 'again').toThrow(expect.objectContaining({ code: 'variable' }))
  })

  test('an error inside a variable stands where the variable was set', () => {
    const where = () => ({ file: 'group_vars/all.yaml', line: 4, col: 6 })
    const scope = makeScope([{ vars: { url: 'http://{{hots}}', host: 'a' }, data: false, locate: where }])
    expect(() => renderValue('{{url}}', scope, locate)).toThrow(
      expect.objectContaining({ hint: 'did you mean host?', pos: { ...where(), col: 15, length: 4 } }),
    )
  })

  test('vars is the scope itself, omit leaves a key out', () => {
    const scope = makeScope([{ vars: { a: 1, b: '{{vars.a}}', c: '{{default d omit}}' }, data: false }])
    expect(scope.b).toBe(1)
    expect(renderValue({ x: '{{c}}', y: 1 }, scope, locate)).toEqual({ y: 1 })
  })

  test('a variable made of something unknown is unknown', () => {
    const scope = makeScope([
      { vars: { a: 'x {{r.stdout}}' }, data: false },
      { vars: { r: { stdout: unknown('not run') } }, data: true },
    ])
    expect(() => scope.a).toThrow(UnknownError)
  })

  test('it cannot be written to', () => {
    const scope = makeScope([{ vars: { a: 1 }, data: true }]) as Record<string, unknown>
    expect(() => {
      scope.a = 2
    }).toThrow(TypeError)
    expect(() => delete scope.a).toThrow(TypeError)
  })
})

describe('extendScope', () => {
  const base = makeScope([
    {
      vars: { greeting: 'hello {{name}}', name: 'ann', plain: '{{list}}', list: [1], any: '{{vars.name}}' },
      data: false,
    },
  ])

  test('variables from below see the names on top', () => {
    expect(base.greeting).toBe('hello ann')
    const top = extendScope(base, { name: 'bob', item: '{{name}}' }, true)
    expect(top.greeting).toBe('hello bob')
    expect(top.any).toBe('bob')
    expect(top.item).toBe('{{name}}')
    expect(base.greeting).toBe('hello ann')
    expect(extendScope(top, { last: '{{greeting}}!' }, false).last).toBe('hello bob!')
  })

  test('what the top cannot influence is worked out once', () => {
    expect(extendScope(base, { item: 1 }, true).plain).toBe(extendScope(base, { item: 2 }, true).plain)
  })

  test('a circle through the top layer is found', () => {
    const top = extendScope(base, { name: '{{greeting}}' }, false)
    expect(() => top.greeting).toThrow(expect.objectContaining({ code: 'variable' }))
  })
})
