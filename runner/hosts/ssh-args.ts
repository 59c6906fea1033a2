/** What the runner takes from ssh's options; lower-case names, first value first. */
export type SshOptions = Record<string, string[] | undefined>

const SHORT: Record<string, string> = {
  J: 'proxyjump',
  i: 'identityfile',
  p: 'port',
  l: 'user',
  F: 'configfile',
}
/** Short options of ssh(1) that take a value and mean nothing here. */
const IGNORED_WITH_VALUE = 'BbcDEeIkLmOoPQRSWw'

/** Reads `-o Name=value`, `-o "Name value"`, -J, -i, -p and -l out of arguments for ssh; the rest is passed over. */
export function parseSshArgs(text: string): SshOptions {
  const options: SshOptions = {}
  const add = (name: string, value: string) => {
    options[name] = [...(options[name] ?? []), value]
  }
  const words = splitWords(text)
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, letter, rest = ''] = /^-([A-Za-z])(.*)$/s.exec(word) ?? []
    if (!letter) continue
    const value = () => (rest !== '' ? rest : (words.shift() ?? ''))
    const name = SHORT[letter]
    if (name) add(name, value())
    else if (letter === 'o') {
      const [, key, given = ''] = /^\s*([A-Za-z]+)\s*[=\s]\s*(.*)$/s.exec(value()) ?? []
      if (key) add(key.toLowerCase(), given.trim().replace(/^"(.*)"$/s, '$1'))
    } else if (IGNORED_WITH_VALUE.includes(letter)) value()
  }
  return options
}

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
