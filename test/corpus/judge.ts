import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { modules } from '../../modules/registry.ts'
import { Diagnostics, type ErrorCode, type PlayError, PlayErrors, type Pos } from '../../runner/errors.ts'
import { beginLanguages } from '../../runner/load/language.ts'
import { loadPlaybooks } from '../../runner/load/playbook.ts'
import type { Inventory } from '../../runner/load/types.ts'
import { loadVarsFile } from '../../runner/load/vars-files.ts'
import { preflight } from '../../runner/preflight/preflight.ts'
import { type Content, findContent } from './find.ts'
import { tasksOf, type WrittenTask } from './tasks.ts'

/** Why something is not accepted: of the language, or that something is not there. */
export interface Reason {
  kind: 'language' | 'module' | 'role'
  what: string
  at: string
}

export interface FileVerdict {
  file: string
  /** Of each task, in order: why it is not accepted. */
  tasks: { line: number; reasons: Reason[] }[]
}

export interface Verdict {
  files: FileVerdict[]
  /** What is wrong outside of tasks: in variables, meta and templates. */
  elsewhere: Reason[]
}

const NO_HOSTS: Inventory = { hosts: new Map(), groups: new Map(), dir: '/' }

/** Each role with all of its files of tasks, each playbook, and each other file of tasks, loaded and checked as play does. */
export function judge(folder: string): Verdict {
  const content = findContent(folder)
  const scratch = mkdtempSync(join(tmpdir(), 'play-corpus-'))
  process.env.ANSIBLE_ROLES_PATH = [...new Set(content.roles.map(dirname))].join(':')
  process.env.ANSIBLE_COLLECTIONS_PATH = folder
  try {
    const found = new Map<string, Reason & { file: string; line: number }>()
    for (const { entry, isWhole } of entriesOf(content, scratch)) {
      const all = errorsOf(entry)
      // Who is notified may stand in files that are read together elsewhere, and in roles that are not there.
      const knowsHandlers = isWhole && !all.some((error) => kindOf(error) === 'role')
      for (const error of all) {
        if (!knowsHandlers && error.code === 'handler') continue
        const { file = entry, line = 1 } = error.pos ?? {}
        const what = said(error)
        const kind = kindOf(error)
        found.set(JSON.stringify([file, line, kind, what]), {
          file,
          line,
          kind,
          what,
          at: `${relative(folder, file)}:${line}`,
        })
      }
    }
    const errors = [...found.values()].filter(({ file }) => !file.startsWith(scratch))
    for (const file of content.others) errors.push(...unreadable(file, folder))
    const files = [...content.playbooks, ...content.tasks]
      .sort()
      .map((file) => ({ file, all: tasksOf(file) }))
    const known = new Set(files.map(({ file }) => file))
    const of = (task: WrittenTask, next: WrittenTask | undefined, first: boolean): Reason[] =>
      errors.filter((error) =>
        error.file === task.file
          ? (first || error.line >= task.line) && (next === undefined || error.line < next.line)
          : isTemplateOf(error.file, task),
      )
    return {
      files: files.map(({ file, all }) => ({
        file: relative(folder, file),
        tasks: all.map((task, index) => ({
          line: task.line,
          reasons: of(task, all[index + 1], index === 0),
        })),
      })),
      elsewhere: errors.filter(({ file }) => !known.has(file)),
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** What is given to play: playbooks as they are; of roles and files of tasks playbooks that import them. */
function* entriesOf(content: Content, scratch: string): Generator<{ entry: string; isWhole: boolean }> {
  // What only imports others says nothing of its own.
  for (const entry of content.playbooks)
    if (tasksOf(entry).length > 0 || hasRoles(entry)) yield { entry, isWhole: true }
  let number = 0
  const made = (tasks: string[]) => {
    const entry = join(scratch, `made-${number++}.yml`)
    const lines = tasks.map((line) => `    - ${line}\n`).join('')
    writeFileSync(entry, `# play: language=jinja\n- hosts: all\n  tasks:\n${lines}`)
    return { entry, isWhole: false }
  }
  for (const role of content.roles) {
    const files = content.tasks.filter((file) => file.startsWith(join(role, 'tasks/')))
    const asked = files.map((file) => `, tasks_from: ${JSON.stringify(relative(join(role, 'tasks'), file))}`)
    yield made(
      (asked.length > 0 ? asked : ['']).map(
        (from) => `import_role: { name: ${JSON.stringify(role)}${from} }`,
      ),
    )
  }
  const isOfRole = (file: string) =>
    content.roles.some(
      (role) => file.startsWith(join(role, 'tasks/')) || file.startsWith(join(role, 'handlers/')),
    )
  for (const file of content.tasks) if (!isOfRole(file)) yield made([`import_tasks: ${JSON.stringify(file)}`])
}

const hasRoles = (file: string): boolean => /^ +(- )?roles:/m.test(readFileSync(file, 'utf8'))

interface Found {
  code: ErrorCode
  message: string
  pos?: Pos
}

export function errorsOf(entry: string): readonly Found[] {
  const diagnostics = new Diagnostics()
  try {
    beginLanguages('jinja', entry)
    const plays = loadPlaybooks([entry], { modules, extraVars: {}, diagnostics })
    preflight({ plays, inventory: NO_HOSTS, modules, extraVars: {}, diagnostics })
  } catch (error) {
    if (!(error instanceof PlayErrors)) throw error
    return error.errors
  }
  return [
    ...diagnostics.errors,
    ...diagnostics.warnings.map(({ message, pos }) => ({ code: 'module' as const, message, pos })),
  ]
}

const MODULE = /(?:unknown module|there is no module) (\S+)/

function kindOf({ code, message }: Found): Reason['kind'] {
  if (code === 'module' && MODULE.test(message)) return 'module'
  return message.startsWith('there is no role ') ? 'role' : 'language'
}

/** The same for all that are wrong alike. */
function said(error: Found): string {
  const { message } = error
  switch (kindOf(error)) {
    case 'module':
      return MODULE.exec(message)![1]!.replace(/^ansible\.(builtin|legacy)\./, '')
    case 'role':
      return /^there is no role (\S+)/.exec(message)![1]!
    default:
      return `${error.code}: ${message}`
  }
}

function unreadable(file: string, folder: string): (Reason & { file: string; line: number })[] {
  try {
    loadVarsFile(file)
    return []
  } catch (error) {
    const errors = error instanceof PlayErrors ? error.errors : [error as PlayError]
    return errors.map(({ message, code, pos: { line } = { line: 1 } as Pos }) => {
      return {
        kind: 'language',
        what: `${code}: ${message}`,
        file,
        line,
        at: `${relative(folder, file)}:${line}`,
      }
    })
  }
}

/** A template that does not parse is a fault of each task that names it. */
const isTemplateOf = (file: string, { text }: WrittenTask): boolean =>
  /\.(j2|jinja2?)$/.test(file) && text.includes(basename(file))
