import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { PlayError, type Pos } from '../errors.ts'
import { openToAnybody } from './anybody.ts'
import { parseDocument } from './yaml/parse.ts'

/** In which language the {{ }} and the conditions of a file are. */
export type Language = 'native' | 'jinja'

/**
 * Which language a file is in, which is decided by file and never by expression (docs/decisions/0026-two-languages.md): its
 * end (.j2, .hbs); its first line, `# play: language=jinja`; the nearest folder above it that is a role (`roles/NAME`), or has a
 * play.yaml or an ansible.cfg and is a project of `play` or of Ansible; else what the command line says.
 *
 * @param text what is in it, where it has been read already
 * @throws {PlayError} codes 'file' and 'config' where a first line, or a play.yaml, names a language that is none
 */
export function languageOf(file: string, text?: string): Language {
  const path = resolve(file)
  const found = known.get(path) ?? decide(path, text) ?? otherwise
  known.set(path, found)
  if (found === 'jinja') anyJinja = true
  return found
}

/** The same for a text by its place. What stands nowhere, such as -e, follows the playbook. */
export function languageAt(locate: () => Pos | undefined): Language {
  // Where there is none, nobody needs to be asked for a place: they are worked out for errors alone.
  if (!anyJinja) return 'native'
  const file = locate()?.file
  return file === undefined || file === '' ? ofPlaybook : languageOf(file)
}

/** A file that is Jinja by what it is, wherever it lies. */
export function speaksJinja(file: string): void {
  known.set(resolve(file), 'jinja')
  anyJinja = true
}

/** For a run: what --language says, and the playbook that -e and what stands nowhere follow. */
export function beginLanguages(said: Language | undefined, playbook: string | undefined): void {
  known.clear()
  configured.clear()
  otherwise = said ?? 'native'
  anyJinja = false
  ofPlaybook = playbook === undefined ? otherwise : languageOf(playbook)
}

let otherwise: Language = 'native'
let ofPlaybook: Language = 'native'
let anyJinja = false
const known = new Map<string, Language>()
const configured = new Map<string, Language | undefined>()

function decide(path: string, text: string | undefined): Language | undefined {
  const end = extname(path)
  if (end === '.j2') return 'jinja'
  if (end === '.hbs') return 'native'
  return byFirstLine(path, text ?? beginOf(path)) ?? byFolder(dirname(path))
}

const FIRST_LINE = /^\uFEFF?(?:---\s*\n)?#\s*play:\s*language\s*=\s*(\S*)/

function byFirstLine(path: string, text: string): Language | undefined {
  const word = FIRST_LINE.exec(text)?.[1]
  if (word === undefined || word === 'jinja' || word === 'native') return word
  throw new PlayError('file', `the language ${word} is none`, {
    pos: { file: path, line: 1, col: 1 },
    hint: 'write # play: language=jinja, or native',
  })
}

function beginOf(path: string): string {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return ''
  }
  try {
    const bytes = Buffer.alloc(200)
    return bytes.toString('utf8', 0, readSync(file, bytes))
  } catch {
    return ''
  } finally {
    closeSync(file)
  }
}

/** The nearest folder, from here up, that is a role or a project's. Where everybody may write, nobody's word counts. */
function byFolder(folder: string): Language | undefined {
  if (configured.has(folder)) return configured.get(folder)
  const above = dirname(folder)
  const found =
    projectIn(folder) ?? (isRole(folder) ? 'jinja' : above === folder ? undefined : byFolder(above))
  configured.set(folder, found)
  return found
}

/** roles/NAME: all of it, also where everybody may write. */
const isRole = (folder: string): boolean => basename(dirname(folder)) === 'roles'

function projectIn(folder: string): Language | undefined {
  const counts = (path: string) => existsSync(path) && openToAnybody(path) === undefined
  const file = join(folder, 'play.yaml')
  if (counts(file)) return languageSaid(file)
  return counts(join(folder, 'ansible.cfg')) ? 'jinja' : undefined
}

/** Its other keys are the configuration's (runner/settings). @throws {PlayError} code 'config' */
function languageSaid(file: string): Language {
  const located = parseDocument(file, readFileSync(file, 'utf8'), () => false)
  const said = (located.value as { language?: unknown } | null)?.language ?? 'native'
  if (said === 'native' || said === 'jinja') return said
  throw new PlayError('config', `language is ${JSON.stringify(said)}, expected native or jinja`, {
    pos: located.locate(['language']),
  })
}
