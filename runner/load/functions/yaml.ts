import { Composer, type Document, isMap, isScalar, isSeq } from 'yaml'
import { dictOf, float, int } from '../jinja/value.ts'
import { TooDeep, tokensOf } from '../yaml/tokens.ts'
import { filter, isOn, requireInt } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'
import { YamlWriter } from './yaml-write.ts'

type Options = Readonly<Record<string, unknown>>
const OPTIONS = new Set([
  'indent',
  'width',
  'sort_keys',
  'explicit_start',
  'explicit_end',
  'default_flow_style',
  'allow_unicode',
  'vault_to_text',
  'line_break',
  'canonical',
  'encoding',
  'version',
  'tags',
  'default_style',
])

function toYaml(value: unknown, options: Options, call: FunctionCall): string {
  for (const name of Object.keys(options)) if (!OPTIONS.has(name)) call.fail(`there is no argument '${name}'`)
  const indent =
    options.indent === undefined || options.indent === null ? 2 : requireInt(options.indent, 'indent')
  const best = indent > 1 && indent < 10 ? indent : 2
  const width =
    options.width === undefined || options.width === null ? 80 : requireInt(options.width, 'width')
  return new YamlWriter(
    {
      indent: best,
      width: width > best * 2 ? width : 80,
      sort: isOn(options.sort_keys ?? true),
      flow: (options.default_flow_style ?? null) as boolean | null,
      start: isOn(options.explicit_start ?? false),
      end: isOn(options.explicit_end ?? false),
    },
    call,
  ).document(value)
}

const YAML11 = {
  version: '1.1',
  merge: true,
  uniqueKeys: false,
  intAsBigInt: true,
  logLevel: 'silent',
} as const

/** Documents of YAML 1.1, as Ansible reads it. */
function documents(text: string, call: FunctionCall): unknown[] {
  call.spend(text.length)
  const fail = (message: string, offset: number): never => {
    const before = text.slice(0, offset).split('\n')
    return call.fail(`line ${before.length}, column ${before.at(-1)!.length + 1}: ${message}`)
  }
  try {
    const parsed = [...new Composer(YAML11).compose(tokensOf(text), false, text.length)]
    return parsed.map((document) => {
      const [error] = document.errors
      if (error)
        fail(`this is no YAML: ${error.message.split('\n')[0]!.replace(/ at line.*/, '')}`, error.pos[0])
      return document.contents === null ? null : made(document.contents, document, [], call)
    })
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
    return fail(error.message, error.offset)
  }
}

function made(node: unknown, document: Document.Parsed, around: unknown[], call: FunctionCall): unknown {
  call.spend(4)
  if (around.includes(node)) call.fail('this value contains itself')
  if (isMap(node)) {
    const js = node.items.map(
      ({ key, value }) =>
        [
          made(key, document, [...around, node], call),
          made(value, document, [...around, node], call),
        ] as const,
    )
    const merged = js.flatMap(([key, value]) =>
      key === '<<' && typeof value === 'object' && value !== null ? Object.entries(value) : [],
    )
    const own = js.filter(([key, value]) => !(key === '<<' && typeof value === 'object'))
    return dictOf([...new Map([...merged, ...own])])
  }
  if (isSeq(node)) return node.items.map((item) => made(item, document, [...around, node], call))
  if (isScalar(node)) return scalar(node.value, String(node.source ?? ''))
  const resolve = (node as { resolve?: (document: Document.Parsed) => unknown } | null)?.resolve
  return resolve ? made(resolve.call(node, document), document, around, call) : null
}

function scalar(value: unknown, source: string): unknown {
  if (typeof value === 'bigint') return int(value)
  // 1e3 is a text for PyYAML: a float has a dot, and a sign in its exponent.
  if (typeof value === 'number')
    return /^[-+]?(?:\d[\d_]*)?\.[\d_]*(?:[eE][-+]\d+)?$|:|\.(?:inf|nan)$/i.test(source)
      ? float(value)
      : source
  // y and n are texts for PyYAML.
  if (typeof value === 'boolean' && /^[yn]$/i.test(source)) return source
  return value ?? null
}

export const YAMLS: readonly LibraryFunction[] = [
  filter(
    'to_yaml(*args, **named)',
    'settings | to_yaml',
    'as YAML; indent, width, sort_keys and default_flow_style as PyYAML has them',
    ([value, , named], call) => toYaml(value, named as Options, call),
  ),
  filter(
    'to_nice_yaml(indent=4, *args, **named)',
    'settings | to_nice_yaml(indent=2)',
    'as YAML of several lines',
    ([value, indent, , named], call) =>
      toYaml(value, { default_flow_style: false, ...(named as Options), indent }, call),
  ),
  filter('from_yaml()', 'text | from_yaml', 'what a text of YAML says', ([value], call) => {
    if (typeof value !== 'string') return value
    const all = documents(value, call)
    if (all.length > 1) call.fail('there are several documents', 'from_yaml_all reads them')
    return all[0] ?? null
  }),
  filter(
    'from_yaml_all()',
    'text | from_yaml_all',
    'what a text of several documents of YAML says, as a list',
    ([value], call) => (value === null ? [] : typeof value === 'string' ? documents(value, call) : value),
  ),
]
