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
  expect(parseSshArgs('-C -L 1:h:2 -o ControlMaster=auto -b 127.0.0.1 -vvv -qJ gate -4Tp 23')).toEqual({
    controlmaster: ['auto'],
    bindaddress: ['127.0.0.1'],
    proxyjump: ['gate'],
    addressfamily: ['inet'],
    port: ['23'],
  })
})

test('other names of options count as the option, and what is none stands as it is written', () => {
  expect(
    parseSshArgs(
      '-o ChallengeResponseAuthentication=no -o NewOption=1 -o constructor=2 gate -Z --x -o =5 -o',
    ),
  ).toEqual({
    kbdinteractiveauthentication: ['no'],
    NewOption: ['1'],
    constructor: ['2'],
    gate: [''],
    '-Z': [''],
    '--x': [''],
    '-o =5': [''],
    '-o': [''],
  })
})

test('words keep what quotes and backslashes protect', () => {
  expect(splitWords(`a "b c" 'd"e' f\\ g "h\\"i" ''`)).toEqual(['a', 'b c', 'd"e', 'f g', 'h"i', ''])
})
