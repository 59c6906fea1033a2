import { withoutEnd } from '../../../contract/ends.ts'

/** One entry of a file that apt reads (sources.list(5)). */
export interface Entry {
  /** As apt compares them. */
  uris: string[]
  suites: string[]
  /** As written, by their names in the one-line form. */
  options: ReadonlyMap<string, string>
}

/** The entries that are in force. @param path ends in `.sources` for the deb822 form */
export function parseSources(path: string, text: string): Entry[] {
  const lines = text.split('\n').map((line) => withoutEnd(line, /\r/))
  return path.endsWith('.sources') ? parseStanzas(lines) : lines.flatMap(parseLine)
}

/** `deb [option=value …] uri suite component …` */
function parseLine(line: string): Entry[] {
  const [type, ...rest] = wordsOf(line)
  if (type !== 'deb' && type !== 'deb-src') return []
  const words = rest[0]?.startsWith('[') ? wordsOf(rest.shift()!.slice(1, -1)) : []
  const [uri, suite] = rest.map(decoded)
  if (uri === undefined || suite === undefined) return []
  const options = words.flatMap((word): [string, string][] => {
    const at = word.indexOf('=')
    return at > 0 ? [[word.slice(0, at), decoded(word.slice(at + 1))]] : []
  })
  return [{ uris: [comparable(uri)], suites: [suite], options: new Map(options) }]
}

/** As apt takes a line apart (ParseQuoteWord in strutl.cc): double quotes and brackets hold blanks, # outside of quotes ends it. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [found] of line.matchAll(/#.*|\[(?:"[^"]*"|[^\]"]){0,1000}\]|(?:"[^"]*"|[^\s"#])+/g)) {
    if (found.startsWith('#')) break
    words.push(found.startsWith('[') ? found : found.replaceAll('"', ''))
  }
  return words
}

/** %20 and the like, in its words. */
const decoded = (word: string): string =>
  word.replace(/%([0-9a-fA-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))

function parseStanzas(lines: readonly string[]): Entry[] {
  const withoutComments = lines.filter((line) => !line.startsWith('#'))
  return withoutComments
    .join('\n')
    .split(/\n[ \t]*\n/)
    .flatMap((stanza) => {
      const fields = new Map<string, string>()
      let last = ''
      for (const line of stanza.split('\n')) {
        const [, name, value = ''] = /^([^\s:]+):(.*)/s.exec(line) ?? []
        if (name !== undefined) {
          last = name.toLowerCase()
          fields.set(last, value.trim())
        } else if (last !== '' && line.trim() !== '') fields.set(last, `${fields.get(last)}\n${line.trim()}`)
      }
      const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter(Boolean)
      const uris = words('uris')
      if (uris.length === 0 || /^(no|false|off|0)$/i.test(fields.get('enabled') ?? '')) return []
      return [{ uris: uris.map(comparable), suites: words('suites'), options: fields }]
    })
}

/** Without user and password, and with one slash at its end. */
export const comparable = (uri: string): string =>
  uri.replace(/^([a-z0-9+]+:\/\/)[^@/]*@/i, '$1').replace(/([^/])$/, '$1/')
