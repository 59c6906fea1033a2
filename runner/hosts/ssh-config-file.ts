import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import SSHConfig from 'ssh-config'
import { matchesGlob } from '../../contract/glob.ts'
import { PlayError } from '../errors.ts'
import { type SshOptions, splitWords } from './ssh-args.ts'

/**
 * What ssh's configuration says of a host: the file given, or ~/.ssh/config and then /etc/ssh/ssh_config. `Match exec`
 * does not match, as nothing is executed here.
 *
 * @throws {PlayError} file: a given file that is not there
 */
export function sshConfigOf(host: string, user: string | undefined, given?: string): SshOptions {
  const config = load(given ?? '')
  const found = config.compute({ Host: host, User: user }, { ignoreCase: true, matchExec: false })
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => [name.toLowerCase(), [value].flat()]),
  )
}

const loaded = new Map<string, SSHConfig>()

/** Read once for all hosts. An empty name stands for the user's and the system's file. */
function load(given: string): SSHConfig {
  let config = loaded.get(given)
  if (!config) {
    const home = join(homedir(), '.ssh')
    const text = given
      ? readConfig(given, dirname(given), true)
      : `${readConfig(join(home, 'config'), home)}\nMatch all\n${readConfig('/etc/ssh/ssh_config', '/etc/ssh')}`
    config = SSHConfig.parse(text)
    loaded.set(given, config)
  }
  return config
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
