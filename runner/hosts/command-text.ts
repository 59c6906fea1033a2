import { bytesOf } from '../../contract/bytes.ts'
import { quoteWord, quoteWords } from '../../contract/quote.ts'
import { PlayError } from '../errors.ts'

export interface CommandLine {
  env?: Readonly<Record<string, string>>
  cwd?: string
}

/**
 * Shell text, run so that nothing in it reaches the persistent shell: `exit`, `cd`, `set -e` and a syntax error end
 * with the subshell, and an open quote cannot swallow what follows, because the text is one word to the outer shell.
 */
export function textCommand(text: string, { env, cwd }: CommandLine = {}): string {
  return `(${exports(env)}${enter(cwd)}eval ${quoteWord(text)})`
}

/**
 * A program. Most need no subshell: one fork, done by the shell itself. A name that the shell would take as its own
 * is executed as the program it names (`echo` is /bin/echo); a built-in that has no program runs in a subshell.
 */
export function argvCommand(argv: readonly string[], { env, cwd }: CommandLine = {}): string {
  if (argv.length === 0) throw new Error('a command needs at least one word')
  const words = quoteWords(argv)
  if (BUILT_INS.has(argv[0]!)) return `(${exports(env)}${enter(cwd)}${words})`
  const plain = PLAIN_PROGRAM.test(argv[0]!) && !SHADOWED.has(argv[0]!)
  if (!plain || cwd !== undefined) return `(${exports(env)}${enter(cwd)}exec ${words})`
  return `${assignments(env)}${words}`
}

/**
 * What stands after a command to give it its input: nothing to read, or a here-document with a random end. Bytes
 * that a here-document cannot hold, or that a shell might mistake, travel as base64.
 */
export function withStdin(command: string, stdin: string | Buffer | undefined, nonce: string): string {
  const bytes = typeof stdin === 'string' ? bytesOf(stdin) : stdin
  // A space before the redirection: a last word of one digit would be taken for a file descriptor.
  if (!bytes || bytes.length === 0) return `${command} </dev/null\n`
  const text = bytes.toString('latin1')
  if (PLAIN_TEXT.test(text)) return `${command} <<'${nonce}'\n${text}${nonce}\n`
  return `base64 -d <<'${nonce}'|${command}\n${bytes.toString('base64')}\n${nonce}\n`
}

const PLAIN_PROGRAM = /^[A-Za-z0-9_./+-]+$/
/** Printable ASCII that ends in a newline. */
const PLAIN_TEXT = /^[\t\n\x20-\x7e]*\n$/

const list = (names: string): ReadonlySet<string> => new Set(names.split(' '))

/** Keywords, and built-ins that stand before a program of the same name (POSIX, Shell Command Language, 2.4; dash, bash). */
const SHADOWED = list(
  'if then else elif fi do done case esac while until for in function select time coproc echo printf test kill pwd true false',
)
/** Built-ins without a program (POSIX, Shell Command Language, 2.14; dash, bash). */
const BUILT_INS = list(
  '. : alias bg bind break builtin caller cd chdir command compgen complete compopt continue declare dirs disown ' +
    'enable eval exec exit export fc fg getopts hash help history jobs let local logout mapfile popd pushd read ' +
    'readarray readonly return set shift shopt source suspend times trap type typeset ulimit umask unalias unset wait',
)

function checkName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new PlayError('argument', `${name} cannot name an environment variable`, {
      hint: 'use letters, digits and _',
    })
  return name
}
const assignments = (env: CommandLine['env']): string =>
  Object.entries(env ?? {})
    .map(([name, value]) => `${checkName(name)}=${quoteWord(value)} `)
    .join('')
const exports = (env: CommandLine['env']): string =>
  env && Object.keys(env).length > 0 ? `export ${assignments(env).trimEnd()};` : ''
const enter = (cwd: string | undefined): string => (cwd === undefined ? '' : `cd -- ${quoteWord(cwd)}||exit;`)
