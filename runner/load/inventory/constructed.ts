import { join } from 'node:path'
import { jsonText } from '../../../contract/exact-json.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { PlayError, PlayErrors, type Pos } from '../../errors.ts'
import { compileCondition, jinjaAt } from '../condition.ts'
import { speaksJinja } from '../language.ts'
import { didYouMean } from '../nearest.ts'
import { makeScope, type Scope } from '../scope.ts'
import { kindOf } from '../template/values.ts'
import { containsTemplate, renderAt } from '../template.ts'
import type { Located, Vars } from '../types.ts'
import { isMapping } from '../yaml.ts'
import type { Draft, HostDraft } from './draft.ts'
import { groupNodes } from './graph.ts'
import { grownDraft } from './grown.ts'
import { buildHosts } from './hosts.ts'
import { type KeyedGroup, keyedNames, readKeyedGroup } from './keyed-groups.ts'
import { VarsFolder } from './vars-folder.ts'

const KEYS = [
  ...['plugin', 'strict', 'compose', 'groups', 'keyed_groups', 'leading_separator'],
  ...['use_vars_plugins', 'use_extra_vars'],
]
type Path = readonly (string | number)[]

/**
 * Reads a file of the inventory plugin `constructed` (ansible.builtin.constructed, ansible-core 2.19): variables and groups of the
 * hosts that the sources before it have named, from what these say of them. What cannot be worked out for a host is left
 * out, or an error where the file is `strict`.
 *
 * @param beside the folder of group_vars/ and host_vars/, which `use_vars_plugins` reads
 */
export function readConstructed(draft: Draft, file: Located, beside: string): void {
  speaksJinja(file.locate().file)
  new Constructed(draft, file, beside).read()
}

/** What is no name of a variable has `_` in its place: Ansible makes the names of such groups so. */
const safeName = (name: string): string => name.replace(/^[^\p{L}_]|[^\p{L}\p{N}_]/gu, '_')

interface Composed {
  name: string
  value(scope: Scope): unknown
}

class Constructed {
  readonly body: Readonly<Record<string, unknown>>
  /** What has failed for one host will for the next. */
  readonly #told = new Set<string>()

  constructor(
    readonly draft: Draft,
    readonly file: Located,
    readonly beside: string,
  ) {
    this.body = file.value as Record<string, unknown>
  }

  read(): void {
    for (const key of Object.keys(this.body))
      if (!KEYS.includes(key))
        this.draft.fail(
          `constructed has no ${key}`,
          this.file.locateKey([key]),
          didYouMean(key, KEYS) ?? `it has ${KEYS.join(', ')}`,
        )
    const compose = this.#mapping('compose')
    const groups = this.#mapping('groups')
    const keyed = this.#keyed()
    // A file that cannot be read is an error, whatever it says of strictness.
    const { diagnostics } = this.draft
    const composed = Object.keys(compose).flatMap((name) => {
      const expression = this.#expression(compose[name], ['compose', name])
      const program = diagnostics.collect(() => jinjaAt(expression))
      return program ? [{ name, value: (scope: Scope) => program.run(scope, () => expression.pos) }] : []
    })
    const conditions = Object.keys(groups).flatMap((name) => {
      const condition = diagnostics.collect(() =>
        compileCondition(this.#expression(groups[name], ['groups', name])),
      )
      return condition ? [{ name, condition }] : []
    })
    if (diagnostics.errors.length > 0) return
    const before = this.#variables()
    // All that a host is given counts for its groups.
    for (const host of this.draft.hosts.values()) this.#compose(host, composed, before(host))
    const after = this.#variables()
    for (const host of this.draft.hosts.values()) {
      const scope = after(host)
      for (const { name, condition } of conditions) {
        const path = ['groups', name]
        if (this.#worked(path, () => condition.test(scope))) this.#join(host, name)
      }
      for (const entry of keyed) this.#joinKeyed(host, entry, scope)
    }
  }

  #compose(host: HostDraft, composed: readonly Composed[], scope: Scope): void {
    const vars: Vars = {}
    for (const { name, value } of composed) {
      const made = this.#worked(['compose', name], () => value(scope))
      // What a host's own text becomes is data, and would be a template here.
      if (containsTemplate(made))
        this.draft.fail(`${name} of ${host.name} would hold {{ or {%`, this.file.locate(['compose', name]))
      else if (made !== undefined) vars[name] = made
    }
    if (Object.keys(vars).length > 0)
      host.layers.push({ vars, at: (name) => this.file.locate(['compose', name]) })
  }

  #joinKeyed(host: HostDraft, entry: KeyedGroup, scope: Scope): void {
    const { path, parent } = entry
    const value = this.#worked(path, () => entry.key.run(scope, () => this.file.locate([...path, 'key'])))
    if (value === undefined) return
    const names = this.draft.diagnostics.collect(() => keyedNames(entry, value, this.file.locate(path)))
    if (names === undefined && this.body.strict === true)
      this.draft.fail(`the key of a group is empty for ${host.name}`, this.file.locate(path))
    const above =
      parent === undefined || names === undefined
        ? undefined
        : this.#worked(path, () => String(renderAt(parent, scope, [], () => this.file.locate(path))))
    if (parent !== undefined && above === undefined) return
    for (const name of names ?? []) {
      this.#join(host, name)
      if (above !== undefined && safeName(above) !== safeName(name))
        this.draft.declare(safeName(above)).children.set(safeName(name), () => this.file.locate(path))
    }
  }

  #join(host: HostDraft, named: string): void {
    const name = safeName(named)
    const group = this.draft.groups.get(name) ?? this.draft.declare(name)
    group.declared = true
    group.hosts.add(host.name)
    if (!host.groups.includes(name)) host.groups.push(name)
  }

  /** What `work` answers, or undefined where it cannot be told. */
  #worked<T>(path: Path, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      const known = error instanceof PlayError || error instanceof PlayErrors || error instanceof UnknownError
      if (!known) throw error
      const at = path.join('/')
      if (this.body.strict === true && !this.#told.has(at)) {
        this.#told.add(at)
        if (error instanceof UnknownError) this.draft.fail(error.message, this.file.locate(path))
        else
          this.draft.diagnostics.collect(() => {
            throw error
          })
      }
      return undefined
    }
  }

  #expression(text: unknown, path: Path): { text: string; pos: Pos } {
    return { text: typeof text === 'string' ? text : jsonText(text), pos: this.file.locate(path) }
  }

  /** What the sources say of each host up to here. */
  #variables(): (host: HostDraft) => Scope {
    const known = grownDraft(this.draft, [])
    const folders = this.body.use_vars_plugins === true ? this.#folders(known) : { groups: [], hosts: [] }
    const built = buildHosts(known, groupNodes(known), folders).hosts
    const extra = this.body.use_extra_vars === true ? this.draft.extraVars : {}
    return ({ name, file }) => {
      const host = built.get(name)!
      const magic: Vars = {
        inventory_hostname: name,
        inventory_hostname_short: name.split('.')[0],
        group_names: host.groups.filter((group) => group !== 'ungrouped').toSorted(),
        inventory_file: file,
        inventory_dir: this.beside,
      }
      return makeScope([
        { vars: host.vars, data: false, locate: (variable) => host.where(variable) },
        { vars: magic, data: true },
        { vars: extra, data: false },
      ])
    }
  }

  #folders(known: Draft) {
    return {
      groups: [new VarsFolder(join(this.beside, 'group_vars'), known.groups.keys(), known)],
      hosts: [new VarsFolder(join(this.beside, 'host_vars'), known.hosts.keys(), known)],
    }
  }

  #mapping(key: string): Readonly<Record<string, unknown>> {
    const value = this.body[key] ?? {}
    if (isMapping(value)) return value
    this.draft.fail(
      `${key} of constructed is a mapping, not ${kindOf(value)}`,
      this.file.locate([key]),
      `write name: expression under ${key}:`,
    )
    return {}
  }

  #keyed(): KeyedGroup[] {
    const value = this.body.keyed_groups ?? []
    if (!Array.isArray(value)) {
      this.draft.fail(
        `keyed_groups of constructed is a list, not ${kindOf(value)}`,
        this.file.locate(['keyed_groups']),
      )
      return []
    }
    return value.flatMap((entry, at) => {
      const path = ['keyed_groups', at]
      const leading = this.body.leading_separator !== false
      return (
        this.draft.diagnostics.collect(() => readKeyedGroup(entry, { file: this.file, path, leading })) ?? []
      )
    })
  }
}
