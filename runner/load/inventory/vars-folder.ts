import { join } from 'node:path'
import { loadVarsFile } from '../vars-files.ts'
import type { Draft, Layer } from './draft.ts'
import { filesUnder, namesIn } from './folders.ts'

const NONE: readonly Layer[] = []
const EXTENSIONS = ['.yml', '.yaml', '.json']

/**
 * group_vars/ or host_vars/: for a name, the folder NAME/ with its files in order, or else the first of NAME, NAME.yml,
 * NAME.yaml, NAME.json (Ansible, "Organizing host and group variables"). The folder is listed once.
 */
export class VarsFolder {
  readonly #layers = new Map<string, Layer[]>()
  readonly #present: ReadonlySet<string>
  readonly #asked = new Set<string>()

  /** Reads what there is for `names`; `draft` collects the errors. */
  constructor(
    readonly path: string,
    names: Iterable<string>,
    draft: Draft,
  ) {
    this.#present = new Set(draft.diagnostics.collect(() => namesIn(path)))
    this.read(names, draft)
  }

  /** The same for more names, which may be known already. */
  read(names: Iterable<string>, draft: Draft): void {
    const { path } = this
    const present = this.#present
    if (present.size === 0) return
    for (const name of names) {
      if (this.#asked.has(name)) continue
      this.#asked.add(name)
      const [first, ...others] = ['', ...EXTENSIONS]
        .map((end) => name + end)
        .filter((file) => present.has(file))
      if (first === undefined) continue
      for (const other of others) {
        const message = `${join(path, other)} is not read, since ${join(path, first)} stands beside it`
        draft.warnings.push({ message })
      }
      this.#layers.set(name, readLayers(join(path, first), draft))
    }
  }

  /** Those of a group or host; read-only, for they are shared. */
  layersOf(name: string): readonly Layer[] {
    return this.#layers.get(name) ?? NONE
  }
}

function readLayers(path: string, draft: Draft): Layer[] {
  const files = draft.diagnostics.collect(() => filesUnder(path, isVarsFile)) ?? []
  return files.flatMap((file) => draft.diagnostics.collect(() => readLayer(file)) ?? [])
}

function readLayer(file: string): Layer {
  const located = loadVarsFile(file)
  return { vars: located.value, at: (variable) => located.locate([variable]) }
}

function isVarsFile(name: string, folder: boolean): boolean {
  if (name.startsWith('.') || name.endsWith('~')) return false
  const extension = /.\.[^.]*$/.exec(name)?.[0].slice(1)
  return folder || extension === undefined || EXTENSIONS.includes(extension)
}
