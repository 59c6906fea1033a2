import { VARIABLES } from './contexts.ts'
import { PIPELINES } from './pipelines.ts'
import { TEMPLATES } from './templates.ts'

/** template: a value of YAML; file: a template file; expression: as `when` has it. */
export type Kind = 'template' | 'file' | 'expression'

export interface Case {
  kind: Kind
  text: string
  /** Which of the contexts, by their numbers. */
  contexts: readonly number[]
}

const ALL = [0, 1, 2, 3]
const ORDINARY = [0]

const BINARY = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '**',
  '~',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'not in',
  'and',
  'or',
]

/** Literals of each type, small and odd ones. */
const LITERALS = [
  '0',
  '3',
  '-2',
  '1.5',
  '2.0',
  'true',
  'none',
  "''",
  "'ab'",
  "'%s'",
  '[]',
  '[1, 2]',
  '(1, 2)',
  '{}',
  "{'k': 1}",
]

const template = (expression: string): string => `{{ ${expression} }}`

function operators(): Case[] {
  const cases: Case[] = []
  for (const op of BINARY) {
    for (const left of LITERALS)
      for (const right of LITERALS)
        cases.push({ kind: 'template', text: template(`${left} ${op} ${right}`), contexts: ORDINARY })
    for (const left of VARIABLES)
      for (const right of VARIABLES)
        if (left < right || op === '%' || op === 'in')
          cases.push({ kind: 'template', text: template(`${left} ${op} ${right}`), contexts: ALL })
  }
  return cases
}

const EXPRESSIONS = `
1 + 2 * 3 ** 2 // 4 % 5 - 6 / 3
-2 ** 2
- a
+ a
-half
-yes
2 ** 3 ** 2
2 ** -1
10 ** 20
10 ** 20 % 7
7 // -2
-7 // 2
7 % -3
-7 % 3
7.5 // 2
-7.5 % 2
7 / 2 * 2
1e3
1e-7
1.0e100
123456789012345678901234567890
0x1f + 0b101 + 0o17
1_000_000 + 1_0.5
0.1 + 0.2
1 / 3
2 / 1 ~ ''
1e16 ~ ''
1e15 ~ ''
0.0001 ~ '' ~ 0.00001
100000000000000000000.0 ~ ''
'a' 'b' "c"
'it\\'s'
"tab\\tnew\\nline"
'\\x41\\u00e9\\U0001F600\\101'
'back\\\\slash'
'\\q\\d+'
1 < 2 < 3
1 < 3 < 2
1 < a < 10
a == 7 == true
1 == 1.0
true == 1
false == 0
'1' == 1
none == false
[1] == [1.0]
[1] == (1,)
(1, 2) < (1, 3)
[1, 2] < [1, 2, 3]
[1, 'a'] < [1, 2]
'a' < 'B'
'é' < 'z'
not a
not not a
not a == 7
not l and s
a and b
a or b
empty or nothing or 'last'
nothing and undefined_name
yes or undefined_name
no and undefined_name
a if yes else b
a if no else b
a if no
(a if no) is defined
a if yes if no else b
'x' if a > 3 else 'y' if a > 1 else 'z'
[a, b, [s]]
(a, b)
(a,)
()
{'a': a, 'b': [b, {'c': s}]}
{a: b}
{1: 2, '1': 3}
{true: 1, 1: 2}
{1.0: 'a', 1: 'b'}
{none: 1}
{(1, 2): 3}
{'z': 1, '10': 2, '9': 3, 'a': 4}
{[1]: 2}
l[0]
l[-1]
l[5]
l[1:]
l[:1]
l[:-1]
l[::2]
l[::-1]
l[5:]
l[-2:]
l[1:1]
l[::0]
s[0]
s[-1]
s[1:4]
s[::-1]
u[0:3]
u[5]
u[::-1]
(1, 2, 3)[1:]
d['port']
d.port
d['missing']
d.missing
d.missing.more
d.missing['x'].y
d['items']
d.get('port')
d.get('nope')
d.get('nope', 5)
d['get']('port')
d[0]
l['0']
l.0
l.x
nested[1][1][0]
nested.1.1.0
deep.x.y.z[2].w
deep['x']['y'].z[0]
deep.x.q.z
deep.x.q.z | default('none')
undefined_name
undefined_name.attribute
undefined_name['item']
undefined_name | default('x')
undefined_name.a.b | default('x')
undefined_name is defined
undefined_name.a is defined
undefined_name is undefined
undefined_name + 1
[undefined_name]
[undefined_name][0] | default(1)
undefined_name == 1
undefined_name in l
'a' ~ undefined_name
undefined_name.call()
undefined_name()
not undefined_name
d.port.x
d.name.upper()
s.upper().lower().title()
a in l
3 in l
3.0 in l
true in [1]
'lph' in s
'' in s
'port' in d
5432 in d
1 in s
a in none
none in [none]
not 3 in l
3 not in l
l + l
l + [4]
l * 2
2 * l
l * 0
l * -1
l * 1.5
'ab' * 3
'-' * 0
(1,) + (2,)
(1,) + [2]
(1,) * 3
d + d
nothing + 1
'a' + 1
1 + 'a'
'%s and %s' % ('a', 1)
'%d%%' % 50
'%5d|%-5d|%05d|%+d|% d' % (1, 2, 3, 4, 5)
'%x %X %#x %o %#o' % (255, 255, 255, 8, 8)
'%.2f %8.3f %-8.1f| %08.2f %e %E %g %G' % (3.14159, 2.5, 1.25, -1.5, 12345.678, 0.00012, 0.0001, 1e20)
'%.0f %.0f %.0f %.1f' % (0.5, 1.5, 2.5, 0.25)
'%s' % [1, 'a']
'%s' % {'a': 1}
'%(x)s-%(y)05d' % {'x': 1, 'y': 2}
'%s' % ()
'%s %s' % 'a'
'%s' % ('a', 'b')
'none' % ()
'none' % 1
'%r %a' % ('é', 'é')
'%c%c' % ('x', 65)
'%d' % 'x'
'%d' % 3.99
'%s' % none
'%s' % true
'%.3s|%5.1s|%-5s|' % ('abcdef', 'xyz', 'q')
'%*d' % (5, 42)
'%y' % 1
'%' % 1
'{} {}'.format('a', 1)
'{0} {1} {0}'.format('a', 'b')
'{x} {y[0]} {y[1]}'.format(x=1, y=[2, 3])
'{:>5}|{:<5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd')
'{:05d} {:+d} {:,} {:_} {:x} {:#x} {:b} {:o} {:e} {:.2f} {:g} {:%}'.format(42, 42, 1234567, 1234567, 255, 255, 5, 8, 1234.5, 3.14159, 0.0001, 0.25)
'{!r} {!s}'.format('a', 'b')
'{{}} {}'.format(1)
'{'.format(1)
'{} {}'.format(1)
'{x}'.format(y=1)
'{:{}}'.format('a', 5)
'{:>{w}}'.format('a', w=4)
'{0.__class__}'.format(1)
'{:d}'.format('x')
'{:.2}'.format('abcdef')
'{:.3}'.format(3.14159)
'{}'.format([1, 'a'])
'{a}-{b}'.format(**{'a': 1, 'b': 2})
'{}-{}'.format(*[1, 2])
range(5) | list
range(1, 5) | list
range(5, 1, -2) | list
range(0)
range(3)[1]
2 in range(3)
range(3) == range(3)
range(0, 10, 0)
range('a')
range()
dict(a=1, b=2)
dict([('a', 1), ('b', 2)])
dict(d, extra=1)
dict()
dict(1)
namespace(a=1).a
namespace(a=1).b
namespace({'x': 2}).x
cycler('a', 'b').next()
cycler('a', 'b').current
cycler()
joiner()()
now() is defined
lookup
omit
[omit, 1]
{'a': omit, 'b': 1}
undef()
undef('hint')
undef() | default(3)
s.__class__
s.__class__.__mro__
''.__class__.__mro__[1].__subclasses__()
d.__init__
d._private
l.__len__()
(1).__add__(2)
s.format.__globals__
range.__class__
cycler.__init__.__globals__
a.real
a.b.c
1.5.x
a | upper
upper
a is odd
a is divisibleby 7
a is divisibleby(7)
a is not odd
a is defined and a > 3
not a is defined
a is number and s is string
s is in ['alpha Beta']
a is sameas a
a is eq 7
a is == 7
a == 7 is true
1 if a is odd else 2
l | first
l | first + 1
-l | first
l | length * 2
l | length > 2 and s
(l | length) ** 2
s | upper | lower
s | upper ~ 'x'
'a' ~ s | upper
a | default(5) + 1
a ~ b ~ half
1 ~ 2
none ~ true
[1, 2.0, none, true, 'x'] ~ ''
{'a': 1, 'b': [1.0, none]} ~ ''
(1, 'a') ~ ''
(1,) ~ ''
"it's" ~ ["it's", 'say "x"', 'b\\n']
['é', '\\x00', '日本'] ~ ''
l.index(1)
l.index(9)
l.count(1)
l.append(4)
l.copy()
l.pop()
l.pop(0)
l.pop(9)
l.reverse()
l.sort()
l.extend([1])
l.insert(0, 9)
l.remove(1)
l.remove(9)
l.clear()
l.nope()
d.keys()
d.keys() | list
d.values() | list
d.items() | list
d.items() | first
d.copy()
d.pop('port')
d.pop('nope')
d.pop('nope', 1)
d.update({'x': 1})
d.update(x=1)
d.setdefault('x', 5)
d.setdefault('port', 5)
d.popitem()
d.clear()
d.fromkeys(['a', 'b'], 0)
(1, 2, 1).count(1)
(1, 2, 1).index(2)
(1, 2).append(3)
s(1)
1(2)
l()
d.port()
f(1
a b
a +
a | 
a is
a..b
a.1b
[1, 2
{'a' 1}
{'a': }
(1
)
a ? b : c
a && b
!a
a = b
a === b
1 2
'unclosed
@a
a if
a if b else
for
in
is
x.
[,]
[1,,2]
f(,)
f(a=1, 2)
f(*l, **d)
f(**d, *l)
{1, 2}
lambda x: x
a[1:2:3:4]
a[]
`
  .split('\n')
  .filter((line) => line !== '')

const TEXT_SELVES = [
  's',
  't',
  'u',
  'digits',
  'spaces',
  'lines',
  "''",
  "'aXbXc'",
  "'ǆ ß İ'",
  "'Hello World'",
  "'x1_y'",
  "'½²'",
]

const TEXT_CALLS = [
  'capitalize()',
  'casefold()',
  'center(20)',
  "center(11, '*')",
  "count('a')",
  "count('')",
  "count('X', 2)",
  "endswith('z')",
  "endswith(('a', 'z'))",
  'expandtabs()',
  'expandtabs(4)',
  "find('X')",
  "find('X', 2)",
  "find('nope')",
  "find('')",
  "rfind('X')",
  "rfind('a', 0, 3)",
  "index('a')",
  "rindex('a')",
  'isalnum()',
  'isalpha()',
  'isascii()',
  'isdecimal()',
  'isdigit()',
  'isidentifier()',
  'islower()',
  'isnumeric()',
  'isprintable()',
  'isspace()',
  'istitle()',
  'isupper()',
  "join(['a', 'b'])",
  'join([1])',
  'ljust(12)',
  "ljust(12, '.')",
  "rjust(12, '.')",
  "rjust(12, 'ab')",
  'lower()',
  'lstrip()',
  "lstrip('a ')",
  "partition(',')",
  "partition('')",
  "rpartition(',')",
  "removeprefix('al')",
  "removesuffix('z')",
  "replace('a', 'b')",
  "replace('a', 'b', 1)",
  "replace('', '-')",
  "replace('', '-', 2)",
  "replace('a')",
  'rsplit()',
  "rsplit(',', 1)",
  'rsplit(none, 1)',
  'rstrip()',
  "rstrip('z')",
  'split()',
  "split(',')",
  "split(',', 1)",
  "split(',', maxsplit=1)",
  "split(sep=',')",
  'split(none, 1)',
  "split('')",
  'split(1)',
  'splitlines()',
  'splitlines(true)',
  "startswith('a')",
  "startswith('l', 1)",
  'strip()',
  "strip('az')",
  'swapcase()',
  'title()',
  'upper()',
  'zfill(12)',
  'nope()',
]

const OTHER_SELVES = ['l', 'mixed', 'd', '(1, 2)', 'a', 'nothing', 'undefined_name']
const OTHER_CALLS = [
  'get(1)',
  "get('port')",
  'keys()',
  'items()',
  'values()',
  "update({'a': 1})",
  'append(1)',
  'extend([1])',
  'extend(1)',
  'insert(1, 5)',
  'pop()',
  'pop(0)',
  "pop('port')",
  "setdefault('k', 1)",
  'copy()',
  'count(1)',
  'index(1)',
  'sort()',
  'sort(reverse=true)',
  'reverse()',
  'remove(1)',
  'clear()',
  "split(',')",
  'upper()',
]

function methodCases(): Case[] {
  const text = TEXT_SELVES.flatMap((self) => TEXT_CALLS.map((call) => `${self}.${call}`))
  const other = OTHER_SELVES.flatMap((self) => OTHER_CALLS.map((call) => `${self}.${call}`))
  return [...text, ...other].map((expression) => ({
    kind: 'template',
    text: template(expression),
    contexts: ORDINARY,
  }))
}

/** Bounds of parts. */
function sliceCases(): Case[] {
  const bounds = ['', '0', '1', '-1', '5', '-5', 'none']
  const steps = ['', ':', ':2', ':-1', ':-2']
  return ['l', 's', 'u'].flatMap((self) =>
    bounds.flatMap((from) =>
      bounds.flatMap((to) =>
        steps.map((step) => ({
          kind: 'template' as const,
          text: template(`${self}[${from}:${to}${step}]`),
          contexts: ORDINARY,
        })),
      ),
    ),
  )
}

/** For the language with the whole library. */
export const pipelineCases = (): Case[] =>
  PIPELINES.map((text) => ({ kind: 'template', text: template(text), contexts: ALL }))

export function coreCases(): Case[] {
  const expressions = EXPRESSIONS.flatMap((text): Case[] => [
    { kind: 'template', text: template(text), contexts: ALL },
    { kind: 'expression', text, contexts: ALL },
  ])
  const templates = TEMPLATES.flatMap((text): Case[] => [
    { kind: 'file', text, contexts: ALL },
    { kind: 'template', text, contexts: ORDINARY },
  ])
  return [...operators(), ...expressions, ...methodCases(), ...sliceCases(), ...templates]
}
