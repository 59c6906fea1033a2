import { withoutEnd, withoutSlashes } from '../../../contract/ends.ts'

/** One entry of a file that apt reads (sources.list(5)). */
export interface Entry {
  uris: string[]
  suites: string[]
  /** As written: a path, a fingerprint or a whole key. Empty: none. */
  signedBy: string
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
  const options = rest[0]?.startsWith('[') ? wordsOf(rest.shift()!.slice(1, -1)) : []
  const [uri, suite] = rest.map(decoded)
  if (uri === undefined || suite === undefined) return []
  const signedBy = options.find((option) => /^signed-by=/i.test(option))?.replace(/^[^=]*=/, '')
  return [{ uris: [bare(uri)], suites: [bare(suite)], signedBy: decoded(signedBy ?? '') }]
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
      const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter(Boolean).map(bare)
      const uris = words('uris')
      if (uris.length === 0 || /^(no|false|off|0)$/i.test(fields.get('enabled') ?? '')) return []
      return [{ uris, suites: words('suites'), signedBy: (fields.get('signed-by') ?? '').trim() }]
    })
}

/** Without slashes at its end, which mean nothing there; `/` stays. */
export const bare = (text: string): string => withoutSlashes(text)

/** Whether apt takes two entries for one repository: it wants one key for it (`Conflicting values set for option Signed-By`). */
export const areOne = (a: Entry, b: Entry): boolean =>
  a.uris.some((uri) => b.uris.includes(uri)) && a.suites.some((suite) => b.suites.includes(suite))

export const entryOf = (uris: readonly string[], suites: readonly string[], signedBy = ''): Entry => ({
  uris: uris.map(bare),
  suites: suites.map(bare),
  signedBy,
})
