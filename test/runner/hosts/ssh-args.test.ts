import { expect, test } from 'vitest'
import { parseSshArgs, splitWords } from '../../../runner/hosts/ssh-args.ts'

test('options in every spelling', () => {
  expect(
    parseSshArgs(
      `-o Port=2222 -oUser=me -o "ConnectTimeout 5" -o 'UserKnownHostsFile=/a b' -J gate:22 -i ~/.ssh/x -p22`,
    ),
  ).toEqual({
    port: ['2222', '22'],
    user: ['me'],
    connecttimeout: ['5'],
    userknownhostsfile: ['/a b'],
    proxyjump: ['gate:22'],
    identityfile: ['~/.ssh/x'],
  })
})

test('options that mean nothing here take their values with them', () => {
  expect(parseSshArgs('-C -L 1:h:2 -o ControlMaster=auto -b 127.0.0.1 -J gate')).toEqual({
    controlmaster: ['auto'],
    proxyjump: ['gate'],
  })
})

test('words keep what quotes and backslashes protect', () => {
  expect(splitWords(`a "b c" 'd"e' f\\ g "h\\"i" ''`)).toEqual(['a', 'b c', 'd"e', 'f g', 'h"i', ''])
})
