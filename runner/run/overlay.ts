import type { FileStat } from '../../contract/host.ts'
import type { FileTarget, Plan, Step } from '../../contract/plan.ts'
import { type Unknown, unknown } from '../../contract/unknown.ts'

/** What is planned for a path. Owner, group and mode left out stay what they are on the host. */
export interface PlannedFile {
  type: FileStat['type']
  content?: Buffer | { controllerFile: string } | Unknown
  owner?: string
  group?: string
  mode?: string
  target?: string
}

/** The planned changes of one host: what check mode's later tasks read instead of the host. */
export class Overlay {
  readonly #facts = new Map<string, unknown>()
  readonly #files = new Map<string, PlannedFile | null>()
  /** True once anything is planned. */
  planned = false
  /** A task before could not be predicted: what is missing later may be its doing. Names that task. */
  uncertain: string | undefined

  record(plan: Plan): void {
    if (plan.steps.length > 0) this.planned = true
    for (const step of plan.steps) this.#recordStep(step)
    for (const [key, value] of Object.entries(plan.predicts ?? {})) {
      if (key.startsWith('file/')) this.#recordFile(key.slice('file/'.length), asPlannedFile(value))
      else if (value === undefined) this.#facts.delete(key)
      else this.#facts.set(key, value)
    }
  }

  has = (key: string): boolean => this.#facts.has(key)
  /** `file/PATH`: what is planned for that path. */
  get = (key: string): unknown =>
    key.startsWith('file/') ? this.#files.get(key.slice('file/'.length)) : this.#facts.get(key)

  /** By the rest of the key. */
  startingWith(prefix: string): Map<string, unknown> {
    const found = [...this.#facts].filter(([key]) => key.startsWith(prefix))
    return new Map(found.map(([key, value]) => [key.slice(prefix.length), value]))
  }

  /** undefined: nothing is planned for it; null: it will be gone. */
  file(path: string): PlannedFile | null | undefined {
    const own = this.#files.get(path)
    if (own !== undefined) return own
    for (let parent = parentOf(path); parent !== '/'; parent = parentOf(parent))
      if (this.#files.get(parent) === null) return null
    return undefined
  }

  /** Planned names directly in a folder: true where it will be there. */
  entries(folder: string): Map<string, boolean> {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`
    const found = new Map<string, boolean>()
    for (const [path, file] of this.#files)
      if (path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
        found.set(path.slice(prefix.length), file !== null)
    return found
  }

  #recordFile(path: string, file: PlannedFile | null): void {
    if (file) this.#set(path, file)
    else this.#files.set(path, null)
  }

  #recordStep(step: Step): void {
    switch (step.do) {
      case 'write_file': {
        const { owner, group, mode } = step
        const content = typeof step.content === 'string' ? Buffer.from(step.content) : step.content
        this.#set(step.path, { type: 'file', content, owner, group, mode })
        break
      }
      case 'directory':
        this.#set(step.path, { type: 'directory', owner: step.owner, group: step.group, mode: step.mode })
        break
      case 'link':
        this.#set(step.path, { type: 'link', target: step.target })
        break
      case 'attributes':
        this.#patch(step.path, { owner: step.owner, group: step.group, mode: step.mode })
        break
      case 'remove':
        for (const path of this.#files.keys()) if (path.startsWith(`${step.path}/`)) this.#files.delete(path)
        this.#files.set(step.path, null)
        break
      case 'issue_certificate':
        this.#issue(step.rootCert)
        this.#issue(step.cert)
        break
      case 'guard':
        for (const inner of step.steps) this.#recordStep(inner)
        break
    }
  }

  #issue({ path, owner, group, mode }: FileTarget): void {
    const content = unknown(`${path} will be issued by the run`)
    this.#set(path, { type: 'file', content, owner, group, mode })
  }

  #set(path: string, file: PlannedFile): void {
    const before = this.#files.get(path)
    this.#files.set(path, {
      ...(before && (before.type ?? file.type) === file.type ? before : {}),
      ...defined(file),
    } as PlannedFile)
  }

  #patch(path: string, attributes: Partial<PlannedFile>): void {
    const before = this.#files.get(path)
    // Without a type it only changes the attributes of what is on the host.
    this.#files.set(path, { ...(before ?? ({} as PlannedFile)), ...defined(attributes) } as PlannedFile)
  }
}

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1)) || '/'

const defined = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>

function asPlannedFile(value: unknown): PlannedFile | null {
  if (value === null || value === undefined) return null
  const { content, type, ...rest } = value as { content?: string | Buffer; type?: FileStat['type'] }
  return {
    type: type ?? 'file',
    content: typeof content === 'string' ? Buffer.from(content) : content,
    ...rest,
  }
}
