import { withoutEnd } from '../../../contract/ends.ts'

/** One repository, as sources.list(5) describes it. */
export interface Source {
  types: readonly string[]
  uris: readonly string[]
  suites: readonly string[]
  components: readonly string[]
  architectures: readonly string[]
  /** Path of the keyring on the host. */
  signedBy?: string
}

const NOTE = '# Written by play (apt_repo). What is changed here by hand is lost with the next run.'

/** The deb822 form, for NAME.sources. */
export function deb822(source: Source): string {
  const fields: [string, string | undefined][] = [
    ['Types', source.types.join(' ')],
    ['URIs', source.uris.join(' ')],
    ['Suites', source.suites.join(' ')],
    ['Components', source.components.join(' ')],
    ['Architectures', source.architectures.join(' ')],
    ['Signed-By', source.signedBy],
  ]
  const lines = fields.filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`)
  return `${[NOTE, ...lines].join('\n')}\n`
}

/** The one-line form, for NAME.list: a line for each type, URI and suite. */
export function oneLine(source: Source): string {
  const options = [
    source.architectures.length > 0 ? `arch=${source.architectures.join(',')}` : undefined,
    source.signedBy ? `signed-by=${source.signedBy}` : undefined,
  ].filter(Boolean)
  const bracket = options.length > 0 ? ` [${options.join(' ')}]` : ''
  const lines = [NOTE]
  for (const type of source.types) {
    for (const uri of source.uris) {
      for (const suite of source.suites)
        lines.push([`${type}${bracket}`, uri, suite, ...source.components].join(' '))
    }
  }
  return `${lines.join('\n')}\n`
}

/**
 * Names in /var/lib/apt/lists that show a suite's index was fetched, either of each pair. apt commits an InRelease
 * file together with the indexes it vouches for.
 */
export function listNames(source: Source): [inRelease: string, release: string][] {
  return source.uris.flatMap((uri) =>
    source.suites.map((suite): [string, string] => {
      const base = uri.replace(/^[a-z0-9+]+:\/*/i, (scheme) =>
        /^(file|copy|cdrom):/i.test(scheme) ? '/' : '',
      )
      // A suite that ends in a slash is the very folder (sources.list(5), "exact path").
      const under = suite.endsWith('/') ? suite.replace(/^\/$/, '') : `dists/${suite}/`
      const folder = `${trimmed(base)}/${under}`
      const name = escapeName(folder)
      return [`${name}InRelease`, `${name}Release`]
    }),
  )
}

const trimmed = (text: string): string => withoutEnd(text, /\//)
/** apt's URItoFileName: `_` and some more are written as %5f, then slashes become `_`. User and password are left out. */
const escapeName = (path: string): string =>
  path
    .replace(/^[^/@]*@/, '')
    .replace(/[\\|{}[\]<>"^~_=!@#$%^&*]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll('/', '_')
