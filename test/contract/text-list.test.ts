import { expect, it } from 'vitest'
import { textList } from '../../contract/text-list.ts'

it('a text is parted at separators that stand in no template', () => {
  expect(textList('a, b ,c')).toEqual(['a', 'b', 'c'])
  expect(textList('')).toEqual([''])
  expect(textList("a, {{ f(x, y) }}-b, {{ '}}' ~ ',' }}, c")).toEqual([
    'a',
    '{{ f(x, y) }}-b',
    "{{ '}}' ~ ',' }}",
    'c',
  ])
  expect(textList('a,{% if x %}b,c{% else %}d,e{% endif %},f')).toEqual([
    'a',
    '{% if x %}b,c{% else %}d,e{% endif %}',
    'f',
  ])
  expect(textList('a,{{#if x}}b,c{{/if}},{{d}},{# one, two #},e')).toEqual([
    'a',
    '{{#if x}}b,c{{/if}},{{d}}',
    '{# one, two #}',
    'e',
  ])
  expect(textList("don't, {{ won't, x }}, y")).toEqual(["don't", "{{ won't, x }}", 'y'])
  expect(textList('{{ a, b')).toEqual(['{{ a, b'])
  expect(textList('f(int, text), g()', /,(?![^(]*\))/)).toEqual(['f(int, text)', 'g()'])
  expect(textList('a b,  {{ x y }}', /[\s,]+/)).toEqual(['a', 'b', '{{ x y }}'])
})
