import { lstatSync, realpathSync, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { posix } from 'node:path'
import { withoutEnd } from '../../../contract/ends.ts'
import { isList, str, Tuple, typeName, ValueFault } from '../jinja/value.ts'
import { filter, requireItems, requireText, test } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

/** As Python's os.path has it: after the last slash. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export function dirName(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1)
  return /^\/*$/.test(head) ? head : withoutEnd(head, /\//)
}

export function splitExtension(path: string): [string, string] {
  const start = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  return dot > start && /[^.]/.test(path.slice(start, dot))
    ? [path.slice(0, dot), path.slice(dot)]
    : [path, '']
}

export function joinPaths(parts: readonly string[]): string {
  // What is before an absolute part does not count.
  const first = parts.findLastIndex((part) => part.startsWith('/'))
  let last = ''
  return parts
    .slice(Math.max(0, first))
    .map((part, index) => {
      const between = index === 0 || last === '' || last.endsWith('/') ? '' : '/'
      last = part === '' ? (between === '/' ? '/' : last) : part
      return between + part
    })
    .join('')
}

export function normalPath(path: string): string {
  if (path === '') return '.'
  const start = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : ''
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '..' || start === '') parts.push(part)
  }
  return start + parts.join('/') || '.'
}

/** ~ and ~user of the controller. */
export function expandUser(path: string): string {
  const [, user, rest] = /^~([^/]*)(.*)/s.exec(path) ?? []
  if (user === undefined) return path
  if (user === '' || user === userInfo().username) return withoutEnd(homedir(), /\//) + rest || '/'
  return path
}

/** Without links, as far as there is something. */
export function realPath(path: string): string {
  const absolute = posix.resolve(path)
  // Nothing has a longer path (limits.h, PATH_MAX).
  const cut = absolute.length < 4096 ? absolute.length : absolute.lastIndexOf('/', 4095)
  const missing = cut < absolute.length ? [absolute.slice(cut + 1)] : []
  for (let at = absolute.slice(0, cut) || '/'; ; at = posix.dirname(at)) {
    try {
      return posix.join(realpathSync(at), ...missing)
    } catch {
      if (at === '/') return absolute
      missing.unshift(posix.basename(at))
    }
  }
}

function relative(path: string, start: string, call: FunctionCall): string {
  if (path === '') call.fail('there is no path')
  return posix.relative(posix.resolve(start), posix.resolve(path)) || '.'
}

function common(paths: readonly string[], call: FunctionCall): string {
  if (paths.length === 0) call.fail('the list is empty')
  if (new Set(paths.map((path) => path.startsWith('/'))).size > 1)
    call.fail('absolute and relative paths have nothing in common')
  const split = paths.map((path) => path.split('/').filter((part) => part !== '' && part !== '.'))
  const [first = []] = split
  let count = 0
  while (count < first.length && split.every((parts) => parts[count] === first[count])) count++
  return (paths[0]!.startsWith('/') ? '/' : '') + first.slice(0, count).join('/')
}

const expandVariables = (text: string): string =>
  // No name holds a brace: so a text of `${` is gone through once.
  text.replace(/\$(?:(\w+)|\{([^{}]*)\})/g, (all, short?: string, long?: string) => {
    const name = (short ?? long)!
    return Object.hasOwn(process.env, name) ? process.env[name]! : all
  })

function splitDrive(path: string): [string, string] {
  const [drive = ''] = /^(?:[\\/]{2}[^\\/]+[\\/][^\\/]+|.:)/s.exec(path) ?? []
  return [drive, path.slice(drive.length)]
}

function windows(path: string): [head: string, tail: string] {
  const [drive, rest] = splitDrive(path)
  const at = Math.max(rest.lastIndexOf('\\'), rest.lastIndexOf('/')) + 1
  const head = rest.slice(0, at)
  return [drive + (/^[\\/]*$/.test(head) ? head : withoutEnd(head, /[\\/]/)), rest.slice(at)]
}

const ofPath = (
  head: string,
  usage: string,
  summary: string,
  run: (path: string, call: FunctionCall) => unknown,
): LibraryFunction => filter(head, usage, summary, ([value], call) => run(requireText(value), call))

function stat(path: unknown, follow = true): ReturnType<typeof statSync> | undefined {
  try {
    return follow ? statSync(requireText(path)) : lstatSync(requireText(path))
  } catch (error) {
    if (error instanceof ValueFault) throw error
    return undefined
  }
}

export const PATHS: readonly LibraryFunction[] = [
  ofPath('basename()', 'path | basename', 'what is behind the last slash', baseName),
  ofPath('dirname()', 'path | dirname', 'what is before the last slash', dirName),
  ofPath('splitext()', "'a.conf' | splitext", 'a path in two: without its extension, and that', (path) =>
    Tuple.holding(splitExtension(path)),
  ),
  filter('path_join()', "['/etc', name] | path_join", 'parts as one path', ([value], call) => {
    if (typeof value === 'string') return value
    if (!isList(value)) return call.fail(`a list or a text is needed, not a ${typeName(value)}`)
    if (value.length === 0) return call.fail('the list is empty')
    return joinPaths(value.map(requireText))
  }),
  ofPath('normpath()', 'path | normpath', 'without . and .. and double slashes', normalPath),
  filter('commonpath()', 'paths | commonpath', 'the longest path that all begin with', ([value], call) =>
    isList(value) ? common(requireItems(value).map(requireText), call) : call.fail('a list is needed'),
  ),
  filter(
    'relpath(start=None)',
    "path | relpath('/etc')",
    'the way from one folder to a path',
    ([value, start], call) => relative(requireText(value), start === null ? '.' : requireText(start), call),
  ),
  ofPath('realpath()', 'path | realpath', 'a path of this machine without links', realPath),
  ofPath('expanduser()', "'~/x' | expanduser", 'with the home of who runs this instead of ~', expandUser),
  ofPath(
    'expandvars()',
    "'$HOME/x' | expandvars",
    'with the values of environment variables',
    expandVariables,
  ),
  ofPath(
    'win_basename()',
    'path | win_basename',
    'what is behind the last slash of a path of Windows',
    (path) => windows(path)[1],
  ),
  ofPath(
    'win_dirname()',
    'path | win_dirname',
    'what is before the last slash of a path of Windows',
    (path) => windows(path)[0],
  ),
  ofPath('win_splitdrive()', 'path | win_splitdrive', 'the drive and the rest of a path of Windows', (path) =>
    Tuple.holding(splitDrive(path)),
  ),
  test(
    'file is_file()',
    'path is file',
    'this machine has a file there',
    ([value]) => stat(value)?.isFile() ?? false,
  ),
  test(
    'directory is_dir()',
    'path is directory',
    'this machine has a folder there',
    ([value]) => stat(value)?.isDirectory() ?? false,
  ),
  test(
    'exists()',
    'path is exists',
    'this machine has something there',
    ([value]) => stat(value) !== undefined,
  ),
  test(
    'link is_link()',
    'path is link',
    'this machine has a symbolic link there',
    ([value]) => stat(value, false)?.isSymbolicLink() ?? false,
  ),
  test(
    'link_exists()',
    'path is link_exists',
    'this machine has something there, if only a link to nothing',
    ([value]) => stat(value, false) !== undefined,
  ),
  test('abs is_abs()', 'path is abs', 'an absolute path', ([value]) => requireText(value).startsWith('/')),
  test(
    'same_file is_same_file(other)',
    "path is same_file('/etc')",
    'both are one file of this machine',
    ([a, b], call) => {
      const [left, right] = [stat(a), stat(b)]
      if (!left || !right) return call.fail('one of the two is not there')
      return left.dev === right.dev && left.ino === right.ino
    },
  ),
  test('mount is_mount()', 'path is mount', 'a file system of this machine is mounted there', ([value]) => {
    const [own, parent] = [stat(value, false), stat(`${str(value)}/..`)]
    return (
      own !== undefined &&
      parent !== undefined &&
      !own.isSymbolicLink() &&
      (own.dev !== parent.dev || own.ino === parent.ino)
    )
  }),
]
