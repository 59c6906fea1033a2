/** Expressions as people chain them, through the language and the library together. */
export const PIPELINES: readonly string[] = `
l | sort | join(',')
l | sort(reverse=true) | first
l | map('string') | list
l | select('odd') | list
l | reject('odd') | list
l | select('gt', 1) | list
l | max + l | min
l | sum / (l | length)
(l | sum / l | length) | default(0)
names | map('upper') | join(' ')
names | map('regex_replace', '^(.)', '<\\\\1>') | list
users | map(attribute='name') | list
users | map(attribute='groups', default=[]) | list
users | selectattr('groups', 'defined') | map(attribute='name') | list
users | selectattr('uid', '>', 1001) | map(attribute='name') | join(',')
users | rejectattr('groups') | list | length
users | rejectattr('groups', 'defined') | map(attribute='name') | list
users | selectattr('name', 'equalto', 'bob') | list | first
users | selectattr('name', 'in', ['ann', 'cy']) | map(attribute='uid') | sum
users | groupby('uid') | length
users | items2dict(key_name='name', value_name='uid')
users | sum(attribute='uid')
users | map(attribute='name') | zip(l) | list
users | map(attribute='name') | zip(l) | map('join', ':') | list
users | subelements('groups', skip_missing=true) | map('first') | map(attribute='name') | list
d | dict2items
d | dict2items | map(attribute='key') | sort | list
d | combine({'x': 1}) | length
d | combine({'port': 1}, recursive=true)
d | to_json
d | to_nice_json
d | to_json | from_json == d
d.items() | list | length
d.items() | map('first') | list
d | dictsort
d | length
d | default({}, true) | length
d.keys() | difference(['on']) | sort | list
'port' in d and d.port | int > 5000
d.port | string ~ '/' ~ d.name
deep.list | map(attribute='n') | list
deep.list | map(attribute='n') | map('int') | sum
deep.x.y.z | last
deep.x.y.z | flatten | length
deep.nope | default(d.nope | default('both'))
deep.nope.more | default(omit) is defined
nested | flatten
nested | flatten(levels=1)
mixed | map('type_debug') | list
mixed | select('string') | list
mixed | select('number') | list
mixed | reject('none') | list | length
mixed | unique | length
s | upper | replace('A', '4')
s | split | first
s | split(' ') | map('length') | list
s | regex_replace('[aeiou]', '*')
s | regex_search('B\\\\w+')
s | regex_findall('[a-z]+')
s | length > 5
s | title | reverse
s | hash('sha1')
s | b64encode | b64decode == s
s | quote
s | truncate(5)
s | wordwrap(4)
s | center(20) | trim
s | bool
yes | bool
'yes' | bool
'no' | bool
a | bool
a | int + 1
digits | int
digits | int(0, 8)
digits | float
'abc' | int(5)
'12' | int * 2
half | round | int
half | round(1)
half | round(0, 'ceil')
10 / 3 | round(2)
(10 / 3) | round(2)
7.9 | int
-7 | abs
t | split(',') | select | list
t | split(',') | map('default', 'x', true) | list
empty | default('fallback', true)
empty | default('fallback')
nothing | default('x')
nothing | default('x', true)
nope | default
nope | default('') | length
nope | default([]) | first | default('none')
nope | d(5) + 1
lines | splitlines | length
lines | indent(2)
lines | regex_replace('(?m)^', '# ')
'%s-%s' | format(a, b)
'a' | ternary('b', 'c')
yes | ternary('on', 'off')
no | ternary('on', 'off')
nothing | ternary('on', 'off', 'unset')
(a > b) | ternary(a, b)
[a, b] | max
[1, [2, 3]] | flatten | sum
[1, 2, 3, 4] | batch(2) | list
[1, 2, 3, 4] | slice(2) | list
[1, 2] | union([2, 3])
[1, 2] | intersect([2, 3])
[1, 2] | difference([2, 3])
[1, 2] | symmetric_difference([2, 3])
[1, 2] | product(['a', 'b']) | list
[3, 1, 2] | sort | reverse | list
['b', 'A', 'c'] | sort
['b', 'A', 'c'] | sort(case_sensitive=true)
'a.b.c' | splitext
'/etc/x/y.conf' | basename ~ '/etc/x/y.conf' | dirname
'1.10' is version('1.9', '>')
'15.3' is version('15', 'ge')
s is match('alpha')
s is search('Beta$')
s is regex('^B')
l is subset([1, 2, 3, 4])
l is contains(3)
3 is in l
l is iterable and l is not string and l is not mapping
d is mapping
a is number
nothing is none
nope is defined and nope | length > 0
nope is not defined or nope == 1
a is divisibleby b
s is string and s is not number
yes is true
'x' is truthy
[true, false] is any
[true, true] is all
a | human_readable
'1G' | human_to_bytes
(big / 1024 / 1024) | int ~ 'MB'
(big * 0.25) | round | int
(big * 0.25 / 1024) | int | string + 'kB'
range(1, 4) | map('string') | join('-')
range(3) | zip(names) | map('join') | list
dict(names | zip(l))
dict(users | map(attribute='name') | zip(users | map(attribute='uid')))
names | map('extract', {'web': 1, 'db': 2, 'cache': 3}) | list
['port', 'name'] | map('extract', d) | list
{'a': {'b': 1}} | combine({'a': {'c': 2}}, recursive=True)
[{'a': 1}, {'b': 2}] | combine
"{'a': 1}" | from_yaml
'[1, 2]' | from_json | sum
{'a': [1, {'b': none}]} | to_yaml
{'a': [1, {'b': none}]} | to_nice_yaml(indent=2)
l | to_json
s | urlencode
'http://u@h.org:80/p?q=1#f' | urlsplit('hostname')
s | comment
'x' | to_uuid
[1, none, 2] | select('defined') | list
[1, 0, '', 'a'] | select | list
users | json_query('[].name')
l | random(seed='x') in l
l | shuffle(seed='x') | sort
l | map('multiply', 2) | list
l | nope
l is nope
l | join(',', 'x', 'y')
l | map | list
l | selectattr('x') | list
`
  .split('\n')
  .filter((line) => line !== '')
