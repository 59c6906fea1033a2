import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UnknownError, unknown } from '../../../contract/unknown.ts'
import { MODULE_HELPERS } from '../../../modules/helpers.ts'
import { Diagnostics, PlayError } from '../../../runner/errors.ts'
import { addHelpers, HELPERS } from '../../../runner/load/helpers.ts'
import { makeScope } from '../../../runner/load/scope.ts'
import {
  checkValue,
  compileTemplate,
  hasTemplate,
  OMIT,
  renderTemplateFile,
  renderValue,
} from '../../../runner/load/template.ts'

addHelpers(MODULE_HELPERS)

const pos = { file: 'no-such-file.yaml', line: 3, col: 5 }
const vars = {
  port: 5432,
  name: 'db',
  empty: null,
  off: false,
  none: [],
  item: 'vm2',
  server: { host: 'vm1', tags: ['a', 'b'] },
  users: [
    { name: 'ann', id: 2 },
    { name: 'bob', id: 1 },
  ],
  hostvars: {
    ...{ vm1: { address: '10.0.0.1' }, vm2: { address: '10.0.0.2' } },
    ...{ a: { up: 'b' }, b: { up: 'c' }, c: {}, round: { up: 'trip' }, trip: { up: 'round' } },
  },
  result: { rc: 0, stdout: unknown('the command has not run') },
}
const scope = makeScope([{ vars, data: true }])
const render = (text: string) => compileTemplate(text, pos).render(scope)

function failure(text: string): PlayError {
  try {
    render(text)
  } catch (error) {
    if (error instanceof PlayError) return error
    throw error
  }
  throw new Error(`${text} did not fail`)
}

describe('values', () => {
  test('a text that is exactly one expression keeps the type of its value', () => {
    expect(render('{{ port }}')).toBe(5432)
    expect(render('{{off}}')).toBe(false)
    expect(render('{{empty}}')).toBe(null)
    expect(render('{{server.tags}}')).toEqual(['a', 'b'])
    expect(render('{{! the port }}{{port}}')).toBe(5432)
    expect(render('port {{port}}, {{off}}')).toBe('port 5432, false')
  })

  test('paths reach keys, indexes, other hosts and the outside of a block', () => {
    expect(render('{{users.[1].name}}')).toBe('bob')
    expect(render('{{hostvars.vm1.address}}')).toBe('10.0.0.1')
    expect(render('{{host_var item "address"}}')).toBe('10.0.0.2')
    expect(render('{{#each users}}{{@index}}{{name}}{{../port}}{{#unless @last}} {{/unless}}{{/each}}')).toBe(
      '0ann5432 1bob5432',
    )
    expect(render('{{#each users as |user|}}{{user.name}}{{@root.port}}{{/each}}')).toBe('ann5432bob5432')
    expect(render('{{#with server}}{{host}}{{/with}}')).toBe('vm1')
  })

  test('nothing is escaped for HTML, and \\{{ is literal', () => {
    const quotes = makeScope([{ vars: { x: `<'&">` }, data: true }])
    expect(compileTemplate('{{x}} {{x}}', pos).render(quotes)).toBe(`<'&"> <'&">`)
    expect(render('\\{{x}}')).toBe('{{x}}')
  })

  test('roots are the variables that are named', () => {
    expect(
      compileTemplate('{{a.b}} {{#each list as |x|}}{{x}}{{../c}}{{d}}{{/each}} {{@root.e}}', pos).roots,
    ).toEqual(['a', 'list', 'c', 'e'])
    expect(compileTemplate('{{lookup vars "x"}}', pos).roots).toEqual(['vars'])
    expect(compileTemplate('{{default x "y"}} {{has "z"}}', pos).roots).toEqual(['x', 'z'])
  })
})

describe('what Handlebars lets pass is an error', () => {
  test.each([
    ['{{missing}}', 'variable', 3, 7],
    ['{{server.constructor}}', 'variable', 3, 7],
    ['{{server.__proto__}}', 'variable', 3, 7],
    ['{{name.length}}', 'variable', 3, 7],
    ['{{constructor}}', 'variable', 3, 7],
    ['{{lookup server "constructor"}}', 'template', 3, 7],
    ['{{#if missing}}x{{/if}}', 'variable', 3, 11],
    ['{{#unless missing}}x{{/unless}}', 'variable', 3, 15],
    ['{{#each missing}}x{{/each}}', 'variable', 3, 13],
    ['{{#each name}}x{{/each}}', 'template', 3, 13],
    ['{{#with missing}}x{{/with}}', 'variable', 3, 13],
    ['the {{server}}', 'template', 3, 9],
    ['the {{server.tags}}', 'template', 3, 9],
    ['{{empty.x}}', 'variable', 3, 7],
    ['a\n  {{missing}}', 'variable', 4, 5],
    ['{{> header}}', 'template', 3, 5],
    ['{{#> header}}{{/header}}', 'template', 3, 5],
    ['{{name port}}', 'template', 3, 7],
    ['{{name key=1}}', 'template', 3, 7],
    ['{{#name}}x{{/name}}', 'template', 3, 8],
    ['{{log "x"}}', 'template', 3, 7],
    ['{{__get this 0}}', 'template', 3, 7],
    ['{{@run}}', 'template', 3, 7],
    ['{{../port}}', 'template', 3, 7],
    ['x{{omit}}', 'template', 3, 6],
  ])('%s', (text, code, line, col) => {
    expect(failure(text)).toMatchObject({ code, pos: { line, col } })
  })

  test('null and false are values like others', () => {
    expect(render('{{#if empty}}x{{else if off}}y{{else}}z{{/if}}')).toBe('z')
    expect(render('{{#if none}}x{{else}}z{{/if}}')).toBe('z')
    expect(render('{{#each empty}}x{{else}}nothing{{/each}}')).toBe('nothing')
    expect(render('<{{empty}}>')).toBe('<>')
  })

  test('errors name what was meant', () => {
    expect(failure('{{prot}}').hint).toBe('did you mean port?')
    expect(failure('{{server.hots}}')).toMatchObject({
      message: 'server has no hots; it has host, tags',
      hint: 'did you mean host?',
    })
    expect(failure('{{defualt x 1}}').hint).toBe('did you mean default?')
    expect(failure('the {{server}}').hint).toBe('write {{json server}}')
    expect(failure('the {{server.tags}}').hint).toBe('write {{json server.tags}} or {{join server.tags ","}}')
    expect(failure('{{#each users}}{{port}}{{/each}}').hint).toContain('@root.port')
    expect(failure('{{lower}}').hint).toContain('{{lower x}}')
  })
})

describe('syntax errors stand at the expression', () => {
  test.each([
    ['a {{ x', 7, 'this {{ is never closed'],
    ['a {{ x }', 7, 'this {{ is never closed'],
    ['{{}}', 5, '{{ }} is empty'],
    ['a {{#if port}}', 7, 'this block {{#if}} is never closed'],
    ['a {{/if}}', 7, '{{/if}} closes a block that is not open'],
    ['{{#if off}}{{/each}}', 16, '{{/each}} cannot close {{#if}}'],
    ['{{else}}', 5, '{{else}} stands outside of a block'],
    ['{{port}} {{ a + 1 }}', 14, 'this is a Jinja expression, but {{ }} is Handlebars'],
  ])('%s', (text, col, message) => {
    expect(failure(text)).toMatchObject({ code: 'template', message, pos: { line: 3, col } })
  })

  test('also where YAML quotes or indents the text', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'play-')), 'x.yaml')
    writeFileSync(file, 'a: "{{ok}}\\t{{missing}}"\nb: |\n  {{ok}}\n    x {{missing}}\n')
    const ok = makeScope([{ vars: { ok: 1 }, data: true }])
    const at = (text: string, line: number, col: number) => {
      try {
        compileTemplate(text, { file, line, col }).render(ok)
      } catch (error) {
        return (error as PlayError).pos
      }
      return undefined
    }
    expect(at('{{ok}}\t{{missing}}', 1, 4)).toMatchObject({ line: 1, col: 15, length: 7 })
    expect(at('{{ok}}\n  x {{missing}}\n', 2, 4)).toMatchObject({ line: 4, col: 9 })
  })
})

describe('Jinja habits are told the spelling to use', () => {
  test.each([
    ["{{ x | default('y') }}", '{{default x "y"}}'],
    ['{{ x | d(port) | lower }}', '{{lower (default x port)}}'],
    ['{{ x | default(omit) }}', '{{default x omit}}'],
    ["{{ users | map(attribute='name') | list | join(', ') }}", '{{join (map users "name") ", "}}'],
    ['{{ x | to_json }}', '{{json x}}'],
    ['{{ x | int }}', '{{x}}'],
    ['{{ a if b else c }}', '{{#if b}}{{a}}{{else}}{{c}}{{/if}}'],
    ["{{ 'on' if a == 1 else 'off' }}", '{{#if (eq a 1)}}on{{else}}off{{/if}}'],
    ['{{ name.upper() }}', '{{upper name}}'],
    ["{{ name.replace('a', 'b') }}", '{{replace name "a" "b"}}'],
    ['{{ list[0] }}', '{{list.[0]}}'],
    ['{{ list.0 }}', '{{list.[0]}}'],
    ["{{ a['b'].c }}", '{{a.b.c}}'],
    ["{{ groups['all'][0] }}", '{{groups.all.[0]}}'],
    ['{{ hostvars[item].address }}', '{{host_var item "address"}}'],
    ['{{ a ~ b ~ "c" }}', '{{concat a b "c"}}'],
    ['{{ "a" + b }}', '{{concat "a" b}}'],
    ['{{ a == b and not c }}', '{{and (eq a b) (not c)}}'],
    ['{{ range(5) }}', '{{range 5}}'],
    ['{{ x is defined }}', '{{has "x"}}'],
    ['{{- x -}}', '{{x}}'],
    ['{{#if x == 1}}a{{/if}}', '{{#if (eq x 1)}}'],
    ['{{#if not x}}a{{/if}}', '{{#if (not x)}}'],
    ['{% if a == 1 %}x{% endif %}', '{{#if (eq a 1)}}'],
    ['{% for k, v in a.items() %}x{% endfor %}', '{{#each a as |v k|}} … {{/each}}'],
    ['{% else %}', '{{else}}'],
    ['{# note #}{{port}}', '{{! a comment }}'],
  ])('%s', (text, written) => {
    const { code, hint } = failure(text)
    expect(code).toBe('template')
    expect(hint).toContain(`write ${written}`)
  })

  test.each([
    '{{ x | bool }}',
    "{{ x | default('y', true) }}",
    "{{ x | default('y', boolean=true) }}",
    "{{ list | unique(attribute='a') }}",
    "{{ list | map(attribute='a', default='b') }}",
  ])('%s: nothing is said rather than something else', (text) => {
    const { code, hint } = failure(text)
    expect(code).toBe('template')
    expect(hint).toContain('docs/templates.md lists the helpers')
  })

  test.each(['{{ [x] }}', '{{[x]}}', "{{ ['a', 'b'] }}", '{{ [x, y] }}'])('%s is no path', (text) => {
    expect(failure(text)).toMatchObject({ code: 'template' })
  })

  test('a lookup is refused, with where values come from', () => {
    expect(failure("{{ lookup('env', 'HOME') }}").hint).toContain('-e name=value')
  })

  test('what looks alike but is not Jinja is left alone', () => {
    expect(hasTemplate('date +{%Y}')).toBe(false)
    expect(hasTemplate('$' + '{#array[@]} #}')).toBe(false)
    expect(render('$' + '{#array} #} {{port}}')).toBe('$' + '{#array} #} 5432')
  })
})

describe('renderValue', () => {
  const locate = () => pos
  test('renders texts and keys deep inside, and leaves the rest as it is', () => {
    const value = { '{{name}}_port': '{{port}}', list: ['x', '{{name}}'], n: 1, nil: null }
    expect(renderValue(value, scope, locate)).toEqual({ db_port: 5432, list: ['x', 'db'], n: 1, nil: null })
  })

  test('leaves out what renders to omit', () => {
    const value = {
      a: '{{default missing omit}}',
      b: ['{{default missing omit}}', 1],
      c: '{{default port omit}}',
    }
    expect(renderValue(value, scope, locate)).toEqual({ b: [1], c: 5432 })
    expect(renderValue('{{omit}}', scope, locate)).toBe(OMIT)
  })

  test('asks for the place of the part that fails', () => {
    const value = { a: ['x', '{{missing}}'] }
    const at = (path: readonly (string | number)[]) => ({
      file: 'f',
      line: path.length,
      col: Number(path[1]),
    })
    expect(() => renderValue(value, scope, at)).toThrow(
      expect.objectContaining({ pos: { file: 'f', line: 2, col: 3, length: 7 } }),
    )
  })

  test('what only the real run will know is neither printed nor tested', () => {
    for (const text of [
      '{{result.stdout}}',
      'x {{result.stdout}}',
      '{{result}}',
      '{{json result}}',
      '{{#if result.stdout}}x{{/if}}',
      '{{default result.stdout "x"}}',
      '{{#each result}}{{this}}{{/each}}',
      '{{eq result 1}}',
    ]) {
      expect(() => renderValue(text, scope, locate), text).toThrow(UnknownError)
    }
    expect(renderValue('{{result.rc}}', scope, locate)).toBe(0)
  })

  test('data is never a template, and what was rendered is not rendered again', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('{{port}}', '{{x}}', '{{#if x}}', '{% if %}', '\\{{x}}'),
        (a, b) => {
          const x = a + b + a
          const data = makeScope([{ vars: { x, port: 1 }, data: true }])
          expect(renderValue('{{x}}', data, locate)).toBe(x)
          expect(renderValue('<{{x}}{{concat x x}}>', data, locate)).toBe(`<${x}${x}${x}>`)
        },
      ),
    )
  })

  test('no path reaches a prototype', () => {
    const names = Object.getOwnPropertyNames(Object.prototype).concat('prototype', 'caller')
    fc.assert(
      fc.property(
        fc.constantFrom('server', 'name', 'port', 'users', 'hostvars.vm1'),
        fc.constantFrom(...names),
        (base, name) => {
          expect(failure(`{{${base}.${name}}}`).code).toBe('variable')
          expect(render(`{{default ${base}.${name} "safe"}}`)).toBe('safe')
        },
      ),
    )
  })
})

test('checkValue collects every error and the variables', () => {
  const diagnostics = new Diagnostics()
  const value = { a: '{{x | y}}', b: ['{{ok.z}}', '{{nohelper 1}}'], '{{key}}': 1 }
  const roots = checkValue(value, (path) => ({ ...pos, line: path.length }), diagnostics)
  expect(diagnostics.errors.map(({ code, pos }) => [code, pos?.line])).toEqual([
    ['template', 1],
    ['template', 2],
  ])
  expect([...roots]).toEqual(['ok', 'key'])
})

describe('renderTemplateFile', () => {
  test('blocks on lines of their own leave no empty lines, and the last line end stays', () => {
    const file =
      '# {{name}}\n{{#each users}}\nuser {{name}} {{../port}}\n{{/each}}\n{{#if off}}\nno\n{{/if}}\nend\n'
    expect(renderTemplateFile(file, 'x.hbs', scope)).toBe('# db\nuser ann 5432\nuser bob 5432\nend\n')
    expect(renderTemplateFile('no braces\n', 'x.hbs', scope)).toBe('no braces\n')
    expect(renderTemplateFile('{{port}}', 'x.hbs', scope)).toBe('5432')
  })

  test('each file of Jinja includes what is beside it, whatever other files have the same text', ({
    onTestFinished,
  }) => {
    const dir = mkdtempSync(join(tmpdir(), 'play-templates-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const rendered = ['a', 'b'].map((name) => {
      mkdirSync(join(dir, name))
      writeFileSync(join(dir, name, 'part.j2'), `the part of ${name}\n`)
      return renderTemplateFile("{% include 'part.j2' %}\n", join(dir, name, 'x.j2'), scope)
    })
    expect(rendered).toEqual(['the part of a\n', 'the part of b\n'])
  })

  test('errors stand in the file', () => {
    expect(() => renderTemplateFile('a\r\nb {{missing}}\r\n', 'x.hbs', scope)).toThrow(
      expect.objectContaining({ code: 'variable', pos: { file: 'x.hbs', line: 2, col: 5, length: 7 } }),
    )
    expect(() => renderTemplateFile('{{server}}', 'x.hbs', scope)).toThrow(
      expect.objectContaining({ code: 'template' }),
    )
  })
})

describe('helpers', () => {
  test.each<[string, unknown]>([
    ['{{default missing "x"}}', 'x'],
    ['{{default server.a.b "x"}}', 'x'],
    ['{{default (lookup hostvars "vm9") "x"}}', 'x'],
    ['{{default empty "x"}}', 'x'],
    ['{{default off "x"}}', false],
    ['{{has "port"}}', true],
    ['{{has "toString"}}', false],
    ['{{has server "host"}}', true],
    ['{{has server "x"}}', false],
    ['{{lookup users 1}}', { name: 'bob', id: 1 }],
    ['{{host_var item "address"}}', '10.0.0.2'],
    ['{{host_var "vm9" "port" "none"}}', 'none'],
    ['{{join (chain "a" "up") " "}}', 'a b c'],
    ['{{join (chain "round" "up") " "}}', 'round trip round'],
    ['{{join (chain "nobody" "up") " "}}', 'nobody'],
    ['{{json server}}', '{"host":"vm1","tags":["a","b"]}'],
    ['{{json server.tags 2}}', '[\n  "a",\n  "b"\n]'],
    ['{{join server.tags "-"}}', 'a-b'],
    ['{{concat name port off}}', 'db5432false'],
    ['{{lower (upper name)}}', 'db'],
    ['{{replace "a.b.c" "." "$&"}}', 'a$&b$&c'],
    ['{{slot_name "DB-1.example" "from_vm1"}}', 'db_1_example_from_vm1'],
    ['{{slot_name "vm4"}}', 'vm4'],
    ['{{length users}}', 2],
    ['{{length name}}', 2],
    ['{{length server}}', 2],
    ['{{keys server}}', ['host', 'tags']],
    ['{{values server}}', ['vm1', ['a', 'b']]],
    ['{{without server server.tags}}', { host: 'vm1', tags: ['a', 'b'] }],
    ['{{without server (keys server)}}', {}],
    ['{{first server.tags}}', 'a'],
    ['{{last server.tags}}', 'b'],
    ['{{map users "name"}}', ['ann', 'bob']],
    ['{{sort (map users "id")}}', [1, 2]],
    ['{{sort server.tags}}', ['a', 'b']],
    ['{{unique (values (lookup users 0))}}', ['ann', 2]],
    ['{{range 3}}', [0, 1, 2]],
    ['{{range 1 3}}', [1, 2]],
    ['{{eq port 5432}}', true],
    ['{{eq port "5432"}}', false],
    ['{{ne server.tags none}}', true],
    ['{{lt 1 2}}', true],
    ['{{le 2 2}}', true],
    ['{{gt "a" "b"}}', false],
    ['{{ge 10 9}}', true],
    ['{{and port name}}', true],
    ['{{and port none}}', false],
    ['{{or off empty name}}', true],
    ['{{not off}}', true],
  ])('%s', (text, value) => {
    expect(render(text)).toEqual(value)
  })

  test.each([
    '{{join server ","}}',
    '{{join users ","}}',
    '{{first none}}',
    '{{sort (values server)}}',
    '{{lt 1 "2"}}',
    '{{range 1.5}}',
    '{{range 1000000000}}',
    '{{keys name}}',
    '{{lower}}',
    '{{lower name name}}',
  ])('%s is an error', (text) => {
    expect(() => render(text)).toThrow(PlayError)
  })

  test('every usage line is a call that compiles', () => {
    for (const { usage } of Object.values(HELPERS)) {
      for (const call of usage.replace(' …', '').split(' or ')) {
        expect(() => compileTemplate(`{{${call}}}`, pos), call).not.toThrow()
      }
    }
  })
})

test('docs/templates.md lists the helpers as they are', () => {
  const docs = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8')
  for (const { usage, summary } of Object.values(HELPERS))
    expect(docs).toContain(`| \`${usage}\` | ${summary} |`)
})
