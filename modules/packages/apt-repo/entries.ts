/** One entry of a file that apt reads (sources.list(5)). */
export interface Entry {
  uris: string[]
  suites: string[]
  /** As written: a path, a fingerprint or a whole key. Empty: none. */
  signedBy: string
}

/** The entries that are in force. @param path ends in `.sources` for the deb822 form */
export function parseSources(path: string, text: string): Entry[] {
  return path.endsWith('.sources') ? parseStanzas(text) : text.split('\n').flatMap(parseLine)
}

/** `deb [option=value …] uri suite component …` */
function parseLine(line: string): Entry[] {
  const [, options = '', uri, suite] =
    /^\s*deb(?:-src)?\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)/.exec(line.replace(/#.*/, '')) ?? []
  if (uri === undefined || suite === undefined) return []
  const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? ''
  return [{ uris: [bare(uri)], suites: [bare(suite)], signedBy }]
}

function parseStanzas(text: string): Entry[] {
  const withoutComments = text.split('\n').filter((line) => !line.startsWith('#'))
  return withoutComments
    .join('\n')
    .split(/\n[ \t]*\n/)
    .flatMap((stanza) => {
      const fields = new Map<string, string>()
      let last = ''
      for (const line of stanza.split('\n')) {
        const [, name, value = ''] = /^([^\s:]+):\s*(.*)$/.exec(line) ?? []
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
export const bare = (text: string): string => text.replace(/(?<=.)\/+$/, '')

/** Whether apt takes two entries for one repository: it wants one key for it (`Conflicting values set for option Signed-By`). */
export const areOne = (a: Entry, b: Entry): boolean =>
  a.uris.some((uri) => b.uris.includes(uri)) && a.suites.some((suite) => b.suites.includes(suite))

export const entryOf = (uris: readonly string[], suites: readonly string[], signedBy = ''): Entry => ({
  uris: uris.map(bare),
  suites: suites.map(bare),
  signedBy,
})
