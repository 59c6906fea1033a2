import { didYouMean } from '../nearest.ts'
import { kindOf } from '../template/values.ts'
import type { Located } from '../types.ts'
import { isMapping } from '../yaml.ts'
import { readConstructed } from './constructed.ts'
import { type Draft, type GroupDraft, isGroupName, type Layer } from './draft.ts'

const CONSTRUCTED = ['constructed', 'ansible.builtin.constructed']
const KEYS = ['hosts', 'vars', 'children']
type Path = (string | number)[]

/**
 * Reads a YAML inventory into `draft`, which collects the errors (Ansible, "Inventory basics: YAML format").
 * @param beside the folder of its group_vars/ and host_vars/
 */
export function readYamlGroups(draft: Draft, file: Located, beside: string): void {
  const root = file.value
  if (root === null) return
  if (!isMapping(root)) {
    draft.fail(`an inventory is a mapping of groups, not ${kindOf(root)}`, file.locate(), 'start with all:')
  } else if (typeof root.plugin === 'string') {
    if (CONSTRUCTED.includes(root.plugin)) {
      readConstructed(draft, file, beside)
      return
    }
    const hint = `list the hosts as YAML or INI; of the plugins there is ${CONSTRUCTED[0]}`
    draft.fail(`inventory plugins (${root.plugin}) are not supported`, file.locateKey(['plugin']), hint)
  } else {
    for (const [name, group] of Object.entries(root)) {
      if (KEYS.includes(name)) {
        draft.fail(`${name} stands outside any group`, file.locateKey([name]), 'indent it under all:')
      } else new GroupReader(draft, file).read(name, group, [name])
    }
  }
}

class GroupReader {
  constructor(
    readonly draft: Draft,
    readonly file: Located,
  ) {}

  read(name: string, value: unknown, path: Path): void {
    if (!isGroupName(name)) {
      this.draft.fail(`${JSON.stringify(name)} is not a group name`, this.file.locateKey(path))
      return
    }
    const group = this.draft.declare(name)
    const body = this.#mapping(value, path, `the group ${name}`, 'its keys are hosts, vars and children')
    for (const [key, part] of Object.entries(body)) {
      const at = [...path, key]
      if (key === 'hosts') this.#hosts(group, part, at)
      else if (key === 'vars') this.#vars(group, part, at)
      else if (key === 'children') this.#children(group, part, at)
      else this.#unknown(name, key, at)
    }
  }

  #hosts(group: GroupDraft, value: unknown, path: Path): void {
    if (typeof value === 'string') {
      this.draft.addHosts(group, value, () => this.file.locate(path))
      return
    }
    const hint = `write each host as a key with a colon: ${exampleKey(value, 'vm1')}:`
    for (const [entry, vars] of Object.entries(this.#mapping(value, path, `hosts of ${group.name}`, hint))) {
      this.#host(group, entry, vars, [...path, entry])
    }
  }

  #host(group: GroupDraft, entry: string, value: unknown, path: Path): void {
    const hint = `write ${entry}: { ansible_host: 10.0.0.1 }, or ${entry}: alone`
    const vars = this.#mapping(value, path, `the host ${entry}`, hint)
    const layer = isEmpty(vars) ? undefined : this.#layer(vars, path)
    this.draft.addHosts(group, entry, () => this.file.locateKey(path), layer)
  }

  #vars(group: GroupDraft, value: unknown, path: Path): void {
    const vars = this.#mapping(value, path, `vars of ${group.name}`, 'write name: value')
    if (!isEmpty(vars)) group.layers.push(this.#layer(vars, path))
  }

  #children(group: GroupDraft, value: unknown, path: Path): void {
    const hint = `write each group as a key with a colon: ${exampleKey(value, 'web')}:`
    for (const [name, child] of Object.entries(
      this.#mapping(value, path, `children of ${group.name}`, hint),
    )) {
      const at = [...path, name]
      this.read(name, child, at)
      const known = this.draft.groups.has(name)
      if (known && !group.children.has(name)) group.children.set(name, () => this.file.locateKey(at))
    }
  }

  #unknown(group: string, key: string, path: Path): void {
    const hint =
      didYouMean(key, KEYS) ?? `put ${key} under hosts:, vars: or children: of ${group}, whichever it is`
    this.draft.fail(
      `the group ${group} has hosts, vars and children, but no ${key}`,
      this.file.locateKey(path),
      hint,
    )
  }

  /** Nothing is an empty mapping. */
  #mapping(value: unknown, path: Path, what: string, hint: string): Record<string, unknown> {
    if (value === null) return {}
    if (isMapping(value)) return value
    const verb = /^(hosts|vars|children) /.test(what) ? 'are' : 'is'
    this.draft.fail(`${what} ${verb} a mapping, not ${kindOf(value)}`, this.file.locate(path), hint)
    return {}
  }

  #layer(vars: Record<string, unknown>, path: Path): Layer {
    return { vars, at: (variable) => this.file.locate([...path, variable]) }
  }
}

function isEmpty(value: object): boolean {
  for (const _ in value) return false
  return true
}

/** The user's own first entry, for the hint. */
const exampleKey = (value: unknown, otherwise: string): string =>
  Array.isArray(value) && typeof value[0] === 'string' ? value[0] : otherwise
