import { createHash } from 'node:crypto'
import { constants, createReadStream, type Stats } from 'node:fs'
import { access, open, readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '../../contract/errors.ts'
import type { ControllerReader } from '../../contract/host.ts'
import { settled } from '../load/outside.ts'
import type { Scope } from '../load/scope.ts'
import { renderTemplateFile } from '../load/template.ts'
import { withTemplateVariables } from '../load/template-variables.ts'
import { isVaultText } from '../load/vault/envelope.ts'
import { vault } from '../load/vault/vault.ts'
import { textOfFile } from '../load/yaml.ts'
import { pause } from '../timers.ts'
import { includedVariables } from './included-variables.ts'
import { type Kind, lookupPlaces } from './places.ts'

/** Fetched URLs, one for the run: every host gets the same bytes. */
export type FetchCache = Map<string, Promise<Buffer>>

/** The user, as far as there is one. */
export interface AtTerminal {
  /** Set by the first Ctrl-C. */
  interrupted: () => boolean
  ask: ControllerReader['ask']
}

/** Waits for what templates ask of programs. */
type Evaluated = <T>(work: () => T) => Promise<T>

/** bytes; larger ones are shown without a diff anyhow, and are not held for each host. */
const LARGE_FILE = 1024 * 1024

/** Seconds until a URL that does not answer is given up. */
const FETCH_TIMEOUT = 30

/** Files, templates and URLs as a task names them: looked up from the folders `dirs`, rendered for the host of `scope`. */
export function controllerReader(
  dirs: readonly string[],
  scope: Scope,
  fetched: FetchCache,
  {
    interrupted = () => false,
    ask = async () => null,
    evaluated = settled,
  }: Partial<AtTerminal & { evaluated: Evaluated }> = {},
): ControllerReader {
  const find = (path: string, kind: Kind) => findFile(path, dirs, kind)
  return {
    async file(path, encrypted) {
      const found = await find(path, 'files')
      const content = await readFile(found).catch(unreadable(found))
      if (encrypted === 'as it is' || !isVaultText(content)) return { content, path: found }
      return { content: vault.openFile(content, found), path: found, secret: true }
    },
    async largeFile(path, encrypted) {
      const found = await find(path, 'files')
      const { size } = await stat(found)
      await access(found, constants.R_OK).catch(unreadable(found))
      if (size <= LARGE_FILE || (encrypted !== 'as it is' && (await isEncrypted(found)))) return null
      return { path: found, size, blake2b: () => hashOfFile('blake2b512', found) }
    },
    async tree(path) {
      const root = await find(path, 'files')
      if (!(await stat(root)).isDirectory()) return null
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(unreadable(root))
      return Promise.all(
        entries.map(async (entry) => {
          const full = join(entry.parentPath, entry.name)
          const found = await stat(full).catch(async (error: NodeJS.ErrnoException) => {
            const to = entry.isSymbolicLink() ? await readlink(full).catch(() => undefined) : undefined
            if (to === undefined) return unreadable(full)(error)
            throw new Refusal(
              `${full} is a link to ${to}, ${error.code === 'ENOENT' ? 'where nothing is' : `which cannot be followed: ${error.message}`}`,
              'correct the link, or take it out of the folder',
            )
          })
          const mode = (found.mode & 0o7777).toString(8).padStart(4, '0')
          const isOther = !found.isFile() && !found.isDirectory()
          if (isOther || (found.isDirectory() && !entry.isDirectory()))
            throw new Refusal(
              `${full} is ${isOther ? 'no file' : 'a link to a folder'}, and is not copied`,
              'name what it leads to in a task of its own, or take it out of the folder',
            )
          const type = found.isDirectory() ? ('directory' as const) : ('file' as const)
          return { relative: relative(root, full), path: full, mode, type }
        }),
      )
    },
    whoElseWrites,
    variable: (name) => evaluated(() => (name in scope ? { value: scope[name] } : undefined)),
    variables: async (from) => includedVariables(from, dirs),
    pause: (seconds) => pause(seconds, interrupted),
    ask,
    async template(path, dest) {
      const found = await find(path, 'templates')
      const rendered = (text: string) =>
        evaluated(() =>
          renderTemplateFile(text, found, withTemplateVariables(scope, found, { asked: path, dest }), dirs),
        )
      const text = await readFile(found).catch(unreadable(found))
      if (!isVaultText(text)) return { content: await rendered(textOfFile(text, found)), path: found }
      const plain = textOfFile(vault.openFile(text, found), found)
      const content = await rendered(plain)
      vault.learnText(content)
      return { content, path: found, secret: true }
    },
    fetch(url) {
      let answer = fetched.get(url)
      if (!answer) {
        answer = fetchUrl(url)
        fetched.set(url, answer)
        // An earlier task may bring up what serves it.
        answer.catch(() => fetched.delete(url))
      }
      return answer
    },
  }
}

/** Who but this user and root may write to a file or folder of this machine, in words; null where nobody may. */
export async function whoElseWrites(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null)
  if (!found) return null
  const own = [0, process.getuid?.() ?? 0]
  if (!own.includes(found.uid)) return `the user with the id ${found.uid} owns it`
  const mode = (found.mode & 0o7777).toString(8).padStart(4, '0')
  return found.mode & 0o022 ? `it has mode ${mode}` : null
}

async function findFile(path: string, dirs: readonly string[], kind: Kind): Promise<string> {
  const places = lookupPlaces(path, dirs, kind)
  for (const place of places) {
    const found = await stat(place).catch(() => null)
    if (!found) continue
    // A pipe would be waited for, and some devices never end.
    if (found.isFile() || found.isDirectory() || place === '/dev/null') return place
    throw new Refusal(
      `${place} is a ${kindOf(found)}, not a file`,
      'Name a file or a folder of this machine.',
    )
  }
  throw new Refusal(`there is no file "${path}" on this machine`, `Looked for ${places.join(', ')}.`)
}

const kindOf = (found: Stats): string => (found.isFIFO() ? 'pipe' : found.isSocket() ? 'socket' : 'device')

const unreadable =
  (path: string) =>
  (error: Error): never => {
    throw new Refusal(`${path} cannot be read on this machine: ${error.message}`)
  }

async function isEncrypted(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0)
    return isVaultText(buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

/** In hex, without holding the file. */
export async function hashOfFile(algorithm: 'sha256' | 'blake2b512', path: string): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}

async function fetchUrl(url: string): Promise<Buffer> {
  let response: Response
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT * 1000) })
  } catch (cause) {
    const why =
      (cause as Error).cause instanceof Error
        ? ((cause as Error).cause as Error).message
        : (cause as Error).message
    throw new Refusal(
      `cannot fetch ${url}: ${why}`,
      'The machine that runs `play` fetches it: can it reach that address?',
    )
  }
  if (!response.ok) throw new Refusal(`cannot fetch ${url}: HTTP ${response.status} ${response.statusText}`)
  return Buffer.from(await response.arrayBuffer())
}
