import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readKeyValues } from '../../../runner/load/playbook/key-values.ts'

const pairs = (line: string, names?: string[]) =>
  Object.fromEntries(readKeyValues(line, names).pairs.map(({ name, value }) => [name, value]))

describe('name=value words', () => {
  it.each([
    ['name=curl state=present', { name: 'curl', state: 'present' }],
    ['  name=curl\n  state=present\n', { name: 'curl', state: 'present' }],
    ['msg="two words"', { msg: 'two words' }],
    ["msg='it is = that'", { msg: 'it is = that' }],
    ['dest={{ folder }}/x mode=0644', { dest: '{{ folder }}/x', mode: '0644' }],
    ['dest={{ a + " b" }} mode=0644', { dest: '{{ a + " b" }}', mode: '0644' }],
    ['line="a {{ x }} b"', { line: 'a {{ x }} b' }],
    ['{% if x %}a=b{% endif %} c=d', { c: 'd' }],
    ['text="a\\nb"', { text: 'a\nb' }],
    ['text=caf\\xe9', { text: 'café' }],
    ['line=key=value', { line: 'key=value' }],
    ['url=http://x/?a=b', { url: 'http://x/?a=b' }],
    ['a= b=c', { a: '', b: 'c' }],
    ['a=b \\\n  c=d', { a: 'b', c: 'd' }],
  ])('%j', (line, expected) => {
    expect(pairs(line)).toEqual(expected)
  })

  it.each([
    ['echo hi creates=/x', 'echo hi', { creates: '/x' }],
    ['echo  a   b', 'echo  a   b', {}],
    ['creates=/x echo "a  b"', 'echo "a  b"', { creates: '/x' }],
    ['chdir=/tmp dd if=/dev/zero of=/x', 'dd if=/dev/zero of=/x', { chdir: '/tmp' }],
    ['echo "creates=/x"', 'echo "creates=/x"', {}],
    ['echo a\necho b chdir=/x\n', 'echo a\necho b', { chdir: '/x' }],
    ["cat <<E\nit's\nE\n", "cat <<E\nit's\nE\n", {}],
  ])('beside the words of a command: %j', (line, rest, expected) => {
    const found = readKeyValues(line, ['creates', 'chdir'])
    expect(found.rest).toBe(rest)
    expect(pairs(line, ['creates', 'chdir'])).toEqual(expected)
  })

  it.each([
    ['a="b', '"'],
    ['a={{ b', '{{'],
  ])('tells what is left open in %j', (line, what) => {
    expect(readKeyValues(line).open?.what).toBe(what)
  })

  it('gives each value its place', () => {
    const line = ' name=curl  state="pre sent"'
    for (const { name, value, start, valueStart } of readKeyValues(line).pairs) {
      expect(line.slice(start).startsWith(name)).toBe(true)
      expect(line.slice(valueStart).startsWith(value)).toBe(true)
    }
  })

  it('ends for any text, and loses no letter of a word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (line) => {
        const { pairs, words } = readKeyValues(line, [])
        expect(pairs).toEqual([])
        expect(words.length).toBeLessThanOrEqual(line.length)
      }),
    )
  })
})
