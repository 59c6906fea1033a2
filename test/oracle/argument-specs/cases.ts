import { TYPES } from '../../../modules/control/validate-argument-spec/types.ts'

export type SpecCase = [spec: Record<string, unknown>, values: Record<string, unknown>]

const VALUES = [
  ...[
    '',
    'a',
    'yes',
    'Off',
    'y',
    ' true ',
    '1',
    '0',
    '10',
    ' 7 ',
    '1.0',
    '1.5',
    '1e3',
    '-2',
    '+3',
    '1_0',
    'a,b',
    'a=1',
    'a=1, b=2',
  ],
  ...[
    '{"a": 1}',
    '{"a": ',
    "{'a': 1}",
    'a=1 b',
    '[1]',
    '10K',
    '1.5 MB',
    '1Mb',
    '2 XB',
    '5b',
    '3byte',
    'nan',
    'inf',
  ],
  ...[0, 1, -1, 2, 1.5, 1.25e10, true, false, null],
  ...[[], [1], ['1', 'a'], [null], [[1]], [{ a: 1 }], {}, { a: 1 }, { b: { c: [] } }],
]

const only = (option: Record<string, unknown>, values: readonly unknown[] = VALUES): SpecCase[] =>
  values.map((value) => [{ x: option }, { x: value }])

const users = {
  type: 'list',
  elements: 'dict',
  options: {
    name: { type: 'str', required: true },
    uid: { type: 'int', aliases: ['id'] },
    shell: { choices: ['sh', 'bash'], default: 'sh' },
    key: {
      type: 'dict',
      options: { kind: { required: true }, bits: { type: 'int', choices: [1024, 2048] } },
    },
  },
}

const rules = (rule: Record<string, unknown>): SpecCase[] =>
  [{}, { a: 1 }, { b: 1 }, { a: 1, b: 1 }, { a: 2, c: 1 }, { c: 1 }, { a: 1, b: 1, c: 1 }].map((x) => [
    { x: { type: 'dict', options: { a: { type: 'int' }, b: { type: 'int' }, c: { type: 'int' } }, ...rule } },
    { x },
  ])

/** Each type with each value, then what options say besides. */
export const CASES: readonly SpecCase[] = [
  ...TYPES.flatMap((type) => only({ type })),
  ...TYPES.flatMap((elements) =>
    only({ type: 'list', elements }, [
      [],
      ['a', '1'],
      [1, 2],
      [null],
      [true],
      [[1]],
      [{ a: 1 }],
      'a,b',
      '1,2',
      'x',
      1,
      {},
    ]),
  ),
  ...only({ choices: ['a', 'b', '1'] }),
  ...only({ type: 'int', choices: [1, 10] }),
  ...only({ type: 'bool', choices: [true] }),
  ...only({ type: 'raw', choices: [1, 'a', null] }),
  ...only({ type: 'list', choices: ['a', 'b'] }, [[], ['a'], ['a', 'b'], ['a', 'c'], 'a,b', 'a,c', null]),
  ...only({ type: 'list', elements: 'int', choices: [1, 2] }, [[1], ['1'], [3], '1,2', '1,3']),
  ...only({ type: 'int', required: true }, [null, 1, 'a']),
  ...only({ required: true }, [null, '', 'a']),
  [{ x: { required: true } }, {}],
  [{ x: { required: true, default: 'a' } }, {}],
  [{ x: { type: 'int', default: 'a' } }, {}],
  [{ x: { choices: ['a'], default: 'b' } }, {}],
  [{ x: { type: 'int', default: 1 } }, { x: null }],
  [{ x: {} }, { y: 1 }],
  [{ x: {}, y: {} }, {}],
  [{ x: { aliases: ['y'] } }, { y: 1 }],
  [{ x: { aliases: ['y'], required: true } }, { y: 1 }],
  [{ x: { type: 'int', aliases: ['y'] } }, { y: 'a' }],
  ...[
    ...[
      [],
      [{}],
      [{ name: 'a' }],
      [{ name: 'a', uid: '7' }],
      [{ name: 'a', uid: 'b' }],
      [{ name: 'a', id: 'b' }],
    ],
    ...[
      [{ name: 'a', shell: 'zsh' }],
      [{ name: 'a', shell: null }],
      [{ name: null }],
      [{ nam: 'a' }],
      ['a'],
      [1],
      'a',
      null,
    ],
    ...[[{ name: 'a', key: {} }], [{ name: 'a', key: { kind: 'rsa', bits: '1024' } }]],
    ...[
      [{ name: 'a', key: { kind: 'rsa', bits: 1 } }],
      [{ name: 'a', key: 'kind=rsa' }],
      [{ name: 'a', key: null }],
    ],
    ...[[{ name: 'a' }, { uid: 1 }], { name: 'a' }, [{ name: 'a', key: [{ kind: 'rsa' }] }]],
  ].map((x): SpecCase => [{ x: users }, { x }]),
  ...rules({ mutually_exclusive: [['a', 'b']] }),
  ...rules({ required_together: [['a', 'b']] }),
  ...rules({ required_one_of: [['a', 'b']] }),
  ...rules({ required_if: [['a', 1, ['b', 'c']]] }),
  ...rules({ required_if: [['a', 1, ['b', 'c'], true]] }),
  ...rules({ required_by: { a: ['b'], c: 'a' } }),
  [{ x: { type: 'dict', apply_defaults: true, options: { a: { required: true } } } }, {}],
  [{ x: { type: 'dict', apply_defaults: true, options: { a: { default: 1 } } } }, {}],
  [{ x: { type: 'dict', options: { a: { required: true } } } }, {}],
]
