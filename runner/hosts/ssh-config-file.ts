import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import SSHConfig from 'ssh-config'
import { matchesGlob } from '../../contract/glob.ts'
import { PlayError } from '../errors.ts'
import { optionKey, type SshOptions, splitWords } from './ssh-args.ts'
import { objection, stanceOf } from './ssh-options.ts'

/**
 * What ssh's configuration says of a host: the file given, or ~/.ssh/config and then /etc/ssh/ssh_config. `Match exec`
 * does not match, as nothing is executed here: it stands among the options as `match exec` where it might have counted.
 *
 * @throws {PlayError} file: a given file that is not there
 */
export function sshConfigOf(host: string, user: string | undefined, given?: string): SshOptions {
  const { config, unmatched } = load(given ?? '')
  const found = config.compute({ Host: host, User: user }, { ignoreCase: true, matchExec: false })
  const options: SshOptions = Object.fromEntries(unmatched.map((name) => [name, ['']]))
  for (const [name, value] of Object.entries(found)) {
    const key = optionKey(name)
    // By two of its names it may be there twice.
    options[key] = [...(options[key] ?? []), ...[value].flat()]
  }
  return options
}

interface Loaded {
  config: SSHConfig
  /** What Match asks that play does not answer, where options stand under it that may count. */
  unmatched: string[]
}
const loaded = new Map<string, Loaded>()

/** Read once for all hosts. An empty name stands for the user's and the system's file. */
function load(given: string): Loaded {
  let one = loaded.get(given)
  if (!one) {
    const home = join(homedir(), '.ssh')
    const text = given
      ? readConfig(given, dirname(given), true)
      : `${readConfig(join(home, 'config'), home)}\nMatch all\n${readConfig('/etc/ssh/ssh_config', '/etc/ssh')}`
    // The parser would ask the DNS, with a program of this machine.
    const config = SSHConfig.parse(text.replace(/^[ \t]*canonicaldomains[ \t=].*$/gim, ''))
    one = { config, unmatched: unmatchedOf(config) }
    loaded.set(given, one)
  }
  return one
}

const ANSWERED = ['all', 'final', 'host', 'originalhost', 'user', 'localuser']

function unmatchedOf(config: SSHConfig): string[] {
  const found = config.flatMap((line) => {
    if (!('criteria' in line) || !line.config.some(mayCount)) return []
    return Object.keys(line.criteria).filter((asked) => !ANSWERED.includes(asked.toLowerCase()))
  })
  return [...new Set(found)].map((asked) => `match ${asked.toLowerCase()}`)
}

function mayCount(line: SSHConfig[number]): boolean {
  if (!('param' in line)) return false
  const is = stanceOf(line.param)?.is
  return is === 'heeded' || objection(line.param, [String(line.value)], 'files') !== undefined
}

/** The text with its Includes put in their places (ssh_config(5), Include). */
function readConfig(file: string, folder: string, required = false, depth = 0): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if (!required) return ''
    throw new PlayError('file', `the ssh configuration ${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  }
  if (depth > 16) return ''
  return text.replace(/^[ \t]*include[ \t=]+(.*)/gim, (_, names: string) =>
    splitWords(names)
      .flatMap((name) => expand(name, folder))
      .map((included) => readConfig(included, folder, false, depth + 1))
      .join('\n'),
  )
}

/** Files that a name stands for; its last part may hold * and ?. */
function expand(name: string, folder: string): string[] {
  const path = name.startsWith('~/')
    ? join(homedir(), name.slice(2))
    : isAbsolute(name)
      ? name
      : join(folder, name)
  if (!/[*?]/.test(path)) return [path]
  const pattern = basename(path)
  try {
    const names = readdirSync(dirname(path)).filter(
      (entry) => matchesGlob(pattern, entry) && !entry.startsWith('.'),
    )
    return names.sort().map((entry) => join(dirname(path), entry))
  } catch {
    return []
  }
}
