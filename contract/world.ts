import { bytesOf } from './bytes.ts'
import {
  type FactGroup,
  type FactKey,
  type FactName,
  isIn,
  type Predicted,
  type Prediction,
} from './facts.ts'
import type { FileStat } from './host.ts'
import type { FileTarget, Plan, Step, WriteFileStep } from './plan.ts'
import { type FilePrediction, fileKey } from './shared-facts.ts'
import { type Unknown, unknown } from './unknown.ts'

/** What is planned for a path. Owner, group and mode left out stay what they are on the host. */
export interface PlannedFile {
  /** Left out: whatever is there, with other attributes. */
  type?: FileStat['type']
  content?: Buffer | { controllerFile: string } | Unknown
  owner?: string
  group?: string
  mode?: string
  target?: string
  /** Made where something was removed: nothing that the host has there, or in it, shows through. */
  opaque?: boolean
  /** A folder on the way to something that is made: left alone where it is there. */
  onTheWay?: boolean
}

/**
 * The planned changes of one host, and what each step means to whoever reads that host afterwards. A check's later tasks
 * read through it, and so do the fake hosts of tests.
 */
export class World {
  /** By the texts of their keys. */
  readonly #facts = new Map<string, Prediction>()
  readonly #files = new Map<string, PlannedFile | null>()
  /** Which plan, counted from 1, last predicted a key, and last wrote a file. */
  readonly #predictedBy = new Map<string, number>()
  readonly #writtenBy = new Map<string, number>()
  /** Where paths are that a link to a folder above leads elsewhere, as it was when the last plan was recorded. */
  readonly #places = new Map<string, string>()
  #plans = 0
  /** True once anything is planned. */
  planned = false
  /** A task before could not be predicted: what is missing later may be its doing. Names that task. */
  uncertain: string | undefined
  /** The same, of a task that may have set variables whose names nobody knows. */
  anyVariable: string | undefined

  /** Something is planned for files: the paths of before may lead elsewhere. */
  get plansFiles(): boolean {
    return this.#files.size > 0
  }

  /** What is planned and asked by that path is meant at that place, until the next plan. */
  place(path: string, place: string): void {
    if (path !== place) this.#places.set(path, place)
  }

  record(plan: Plan): void {
    if (plan.steps.length > 0) this.planned = true
    this.#plans += 1
    for (const step of plan.steps) this.#recordStep(step)
    for (const prediction of plan.predicts ?? []) this.#recordPrediction(prediction)
    this.#places.clear()
  }

  #at = (path: string): string => this.#places.get(path) ?? path

  /** undefined: nothing is predicted. `predict` has seen to the types. */
  get<T>(key: FactKey<T>): T | undefined {
    return (fileKey.has(key) ? this.#files.get(this.#at(key.name)) : this.#facts.get(key.text)?.value) as
      | T
      | undefined
  }

  /** Every prediction under the keys of a group, files aside. */
  under<T>(group: FactGroup<T>): Predicted<T>[] {
    return [...this.#facts.values()].filter(({ key }) => isIn(key, group)) as Predicted<T>[]
  }

  /** Whether the file is written by a plan after the last that predicted the key; a plan reads what it writes itself. */
  writtenSince(path: string, key: FactName): boolean {
    return (this.#writtenBy.get(this.#at(path)) ?? 0) > (this.#predictedBy.get(key.text) ?? 0)
  }

  /** undefined: nothing is planned for it; null: it will be gone. */
  file(named: string): PlannedFile | null | undefined {
    const path = this.#at(named)
    const own = this.#files.get(path)
    return this.#isHidden(path) ? (own ?? null) : own
  }

  /** What lstat will say. @param real of what is there now @param size of planned content, bytes */
  stat(path: string, real: FileStat | null, size?: number): FileStat | null {
    const planned = this.file(path)
    if (planned === undefined) return real
    if (planned === null) return null
    const below = this.showsThrough(path) ? real : null
    return planned.onTheWay && below ? below : merge(planned, below, size)
  }

  /** What will be in a folder, sorted; null where there will be no folder. @param real what is in it now */
  list(named: string, real: readonly string[] | null): string[] | null {
    const path = this.#at(named)
    const planned = this.file(path)
    if (planned === null) return null
    const entries = this.#entries(path)
    const shows = this.showsThrough(path) ? real : null
    if (shows === null && planned === undefined && entries.size === 0) return null
    const names = new Set(shows ?? [])
    for (const [name, there] of entries) there ? names.add(name) : names.delete(name)
    return [...names].sort()
  }

  /** Whether what the host has at a path counts at all. */
  showsThrough = (named: string): boolean => {
    const path = this.#at(named)
    const own = this.#files.get(path)
    return own !== null && !own?.opaque && !this.#isHidden(path)
  }

  /** Planned names directly in a folder: true where it will be there. */
  #entries(folder: string): Map<string, boolean> {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`
    const found = new Map<string, boolean>()
    for (const [path, file] of this.#files)
      if (path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
        found.set(path.slice(prefix.length), file !== null)
    return found
  }

  /** A folder above will be gone, or will be made anew: what the host has there counts for nothing. */
  #isHidden(path: string): boolean {
    for (const parent of parentsOf(path)) {
      const planned = this.#files.get(parent)
      if (planned === null || planned?.opaque) return true
    }
    return false
  }

  /** Exhaustive: a step of a new kind says here what it means. */
  #recordStep(step: Step): void {
    switch (step.do) {
      case 'write_file': {
        const { path, owner, group, mode } = step
        const content = plannedContent(step)
        this.#set(path, { type: 'file', content, owner, group, mode })
        break
      }
      case 'directory': {
        const { path, owner, group, mode } = step
        for (const parent of parentsOf(this.#at(path))) this.#makeOnTheWay(parent)
        this.#set(path, { type: 'directory', owner, group, mode })
        break
      }
      case 'link':
        this.#set(step.path, { type: 'link', target: step.target })
        break
      case 'attributes':
        this.#patch(step.path, { owner: step.owner, group: step.group, mode: step.mode })
        break
      case 'remove':
        this.#remove(step.path)
        break
      case 'issue_certificate':
        this.#issue(step.rootCert)
        this.#issue(step.cert)
        break
      case 'guard':
        for (const inner of step.steps) this.#recordStep(inner)
        break
      // What a program or a statement does, and what is waited for, the module says itself, in `predicts`.
      case 'exec':
      case 'sql':
      case 'wait':
        break
      default:
        step satisfies never
    }
  }

  #recordPrediction(prediction: Prediction): void {
    const { key, value } = prediction
    this.#predictedBy.set(key.text, this.#plans)
    if (fileKey.has(key)) this.#recordFile(key.name, value as FilePrediction | null | undefined)
    else if (value === undefined) this.#facts.delete(key.text)
    else this.#facts.set(key.text, prediction)
  }

  #recordFile(path: string, file: FilePrediction | null | undefined): void {
    if (file) this.#set(path, asPlannedFile(file))
    else if (file === null) this.#remove(path)
    else this.#files.delete(this.#at(path))
  }

  #issue({ path, owner, group, mode }: FileTarget): void {
    const content = unknown(`${path} will be issued by the run`)
    this.#set(path, { type: 'file', content, owner, group, mode })
  }

  #set(named: string, file: PlannedFile): void {
    const path = this.#at(named)
    if (file.content !== undefined) this.#writtenBy.set(path, this.#plans)
    // What is there implies its folders.
    for (const parent of parentsOf(path)) this.#makeAnew(parent)
    const before = this.#files.get(path)
    const kept = before && (before.type ?? file.type) === file.type && !before.onTheWay ? before : {}
    const opaque = this.showsThrough(path) ? {} : { opaque: true }
    this.#files.set(path, { ...kept, ...opaque, ...defined(file) })
  }

  /** A folder that was to be gone. */
  #makeAnew(path: string): void {
    const before = this.#files.get(path)
    if (before === null || (before === undefined && this.#isHidden(path)))
      this.#files.set(path, { type: 'directory', opaque: true })
  }

  #makeOnTheWay(path: string): void {
    this.#makeAnew(path)
    if (!this.#files.has(path)) this.#files.set(path, { type: 'directory', onTheWay: true })
  }

  #patch(named: string, attributes: PlannedFile): void {
    const path = this.#at(named)
    const before = this.#files.get(path)
    if (before !== null) this.#files.set(path, { ...before, ...defined(attributes) })
  }

  #remove(named: string): void {
    const path = this.#at(named)
    for (const below of this.#files.keys()) if (below.startsWith(`${path}/`)) this.#files.delete(below)
    this.#files.set(path, null)
  }
}

/** Every path that a plan names, which `World.place` may have to know first. */
export function pathsOf({ steps, predicts = [] }: Pick<Plan, 'steps' | 'predicts'>): string[] {
  const ofStep = (step: Step): string[] => {
    switch (step.do) {
      case 'guard':
        return step.steps.flatMap(ofStep)
      case 'issue_certificate':
        return [step.rootCert.path, step.cert.path]
      case 'exec':
      case 'sql':
      case 'wait':
        return []
      default:
        return [step.path]
    }
  }
  return [...steps.flatMap(ofStep), ...predicts.flatMap(({ key }) => (fileKey.has(key) ? [key.name] : []))]
}

/** From the nearest to the farthest, without the root. */
function parentsOf(path: string): string[] {
  const parents: string[] = []
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    parents.push(path.slice(0, at))
  return parents
}

function merge(planned: PlannedFile, real: FileStat | null, plannedBytes?: number): FileStat | null {
  const type = planned.type ?? real?.type
  if (type === undefined) return null
  const kept = real?.type === type ? real : null
  return {
    type,
    mode: planned.mode ?? kept?.mode ?? (type === 'directory' ? '0755' : '0644'),
    owner: planned.owner ?? kept?.owner ?? 'root',
    group: planned.group ?? kept?.group ?? 'root',
    // Names decide for what is only planned; the numbers follow when it is there.
    uid: planned.owner === undefined ? (kept?.uid ?? 0) : -1,
    gid: planned.group === undefined ? (kept?.gid ?? 0) : -1,
    size: plannedBytes ?? kept?.size ?? 0,
    mtime: kept?.mtime ?? 0,
    ...(planned.target === undefined ? {} : { target: planned.target }),
  }
}

function plannedContent({ path, content }: WriteFileStep): PlannedFile['content'] {
  if (typeof content === 'string') return bytesOf(content)
  return 'output' in content ? unknown(`${path} will be written by the run`) : content
}

const defined = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>

const asPlannedFile = ({ content, type, ...rest }: FilePrediction): PlannedFile => ({
  type: type ?? 'file',
  content: typeof content === 'string' ? bytesOf(content) : content,
  ...rest,
})
