import { describe, expect, it } from 'vitest'
import { splitWords } from '../../../modules/commands/shared/words.ts'

describe('splitWords', () => {
  it.each([
    ['uptime -p', ['uptime', '-p']],
    ['  a   b\t c\n', ['a', 'b', 'c']],
    [`echo 'a b' "c d"`, ['echo', 'a b', 'c d']],
    [`echo a\\ b "it's" 'say "x"'`, ['echo', 'a b', "it's", 'say "x"']],
    [`a"b"'c'd`, ['abcd']],
    [`''`, ['']],
    [`echo $HOME * # x`, ['echo', '$HOME', '*', '#', 'x']],
    [`"a\\"b\\n"`, ['a"b\\n']],
    [`'a\\'`, ['a\\']],
    ['', []],
  ])('splits %j as a shell would', (line, words) => {
    expect(splitWords(line)).toEqual(words)
  })

  it.each([`echo 'a`, `echo "a`, 'echo \\'])('refuses %j', (line) => {
    expect(() => splitWords(line)).toThrow()
  })
})
