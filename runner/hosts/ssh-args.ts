import { optionName, stanceOf } from './ssh-options.ts'

/** What ssh's options say; lower-case names of ssh_config(5), first value first. What is no option of ssh's stands as it is written. */
export type SshOptions = Record<string, string[] | undefined>

/** Short options of ssh(1) that take a value. Those without a name here mean nothing to play (ssh-options.ts says why). */
const WITH_VALUE: Record<string, string> = {
  B: 'bindinterface',
  b: 'bindaddress',
  c: 'ciphers',
  F: 'configfile',
  I: 'pkcs11provider',
  i: 'identityfile',
  J: 'proxyjump',
  l: 'user',
  m: 'macs',
  P: 'tag',
  p: 'port',
  D: '',
  E: '',
  e: '',
  L: '',
  O: '',
  Q: '',
  R: '',
  S: '',
  W: '',
  w: '',
}
const WITHOUT: Record<string, [name: string, value: string]> = {
  4: ['addressfamily', 'inet'],
  6: ['addressfamily', 'inet6'],
}
/** They are about forwards, the terminal, what ssh prints, or GSSAPI. */
const IGNORED = 'AaCfGgKkMNnqsTtVvXxYy'

/** Reads arguments for ssh. What ssh would not take for an option is kept under its own text. */
export function parseSshArgs(text: string): SshOptions {
  const options: SshOptions = Object.create(null)
  const add = (name: string, value: string) => {
    const values = options[name]
    if (values) values.push(value)
    else options[name] = [value]
  }
  const words = splitWords(text)
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    const letters = /^-([A-Za-z0-9]+)/.exec(word)?.[1] ?? ''
    if (letters === '') add(word, '')
    // As getopt has it: several letters may share one dash, and a value may follow at once.
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at]!
      const alone = WITHOUT[letter]
      if (alone) add(...alone)
      else if (!IGNORED.includes(letter)) {
        const name = letter === 'o' ? letter : WITH_VALUE[letter]
        const value = name === undefined ? undefined : word.slice(at + 2) || words[++index]
        if (value === undefined) add(`-${letter}`, '')
        else if (name === 'o') addOption(value, add)
        else if (name) add(name, value)
        break
      }
    }
  }
  return options
}

function addOption(text: string, add: (name: string, value: string) => void): void {
  const [, key, behind = ''] = /^([A-Za-z0-9]+)([\s=].*)$/s.exec(text.trim()) ?? []
  const given = behind.trim().replace(/^=/, '').trim()
  if (key) add(optionKey(key), given.replace(/^"(.*)"$/s, '$1'))
  else add(`-o ${text}`, '')
}

/** How an option is called in SshOptions, by whichever of its names; what is unknown as it is written. */
export const optionKey = (written: string): string =>
  stanceOf(written) ? optionName(written).toLowerCase() : written

/** Words as a POSIX shell splits them, quotes removed, nothing expanded. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (const [, double, single, escaped, space, plain] of text.matchAll(
    /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)|(\s+)|([^\s"'\\]+|.)/gs,
  )) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + (double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? plain ?? '')
  }
  if (word !== undefined) words.push(word)
  return words
}
