import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseJson } from '../../../contract/exact-json.ts'
import { PlayError, type Pos } from '../../errors.ts'
import { objectionToProgram } from '../anybody.ts'
import { kindOf } from '../template/values.ts'
import type { Vars } from '../types.ts'
import { VaultValue } from '../vault/vault-value.ts'
import { isMapping } from '../yaml.ts'
import { type Draft, type GroupDraft, isGroupName, type Layer } from './draft.ts'

/** bytes that a program may print */
const MOST_PRINTED = 256 * 1024 * 1024

/**
 * Runs a program that prints an inventory as JSON, and reads that into `draft` (Ansible, "Developing dynamic inventory"):
 * `--list` gives groups, and the variables of hosts under `_meta`; without `_meta` each host is asked for by `--host`.
 * @param named false: nobody said that it is to be run, and it is not
 * @throws {PlayError} code 'inventory'
 */
export function readProgram(draft: Draft, file: string, named: boolean): void {
  const pos = { file, line: 1, col: 1 }
  requireRunnable(file, pos, named)
  const printed = run(file, ['--list'], pos)
  const { _meta: meta, ...groups } = mappingOf(printed, `${file} --list`, pos)
  const reader = new Reader(draft, file, pos)
  for (const [name, value] of Object.entries(groups)) reader.group(name, value)
  const known = isMapping(meta) && isMapping(meta.hostvars) ? meta.hostvars : undefined
  for (const host of reader.hosts) {
    const vars = known ? (known[host] ?? {}) : run(file, ['--host', host], pos)
    reader.variables(draft.hosts.get(host)?.layers, mappingOf(vars, `what ${file} says of ${host}`, pos))
  }
}

function requireRunnable(file: string, pos: Pos, named: boolean): void {
  const { mode } = statSync(file)
  const refuse = (why: string, hint: string): never => {
    throw new PlayError('inventory', `${file} is a program, and is not run: ${why}`, { pos, hint })
  }
  if (!named) refuse('nobody named it', `name it or its folder: -i ${file}`)
  if (!(mode & 0o111)) refuse('it is not marked as one', `chmod +x ${file}`)
  const objection = objectionToProgram(file)
  if (objection) refuse(objection.why, objection.hint)
}

function run(file: string, args: string[], pos: Pos): unknown {
  const options = { stdio: ['ignore', 'pipe', 'inherit'] as const, maxBuffer: MOST_PRINTED }
  const { error, status, signal, stdout } = spawnSync(resolve(file), args, {
    ...options,
    stdio: [...options.stdio],
  })
  const what = `${file} ${args.join(' ')}`
  if (error)
    throw new PlayError('inventory', `${what} could not be run: ${error.message}`, {
      pos,
      hint: 'run it by hand',
    })
  if (status !== 0)
    throw new PlayError(
      'inventory',
      `${what} ${status === null ? `was ended by ${signal}` : `ended with ${status}`}`,
      {
        pos,
        hint: 'run it by hand; it has to end with 0',
      },
    )
  const text = stdout.toString()
  if (text.trim() === '' && args[0] === '--host') return {}
  try {
    return parseJson(text)
  } catch (cause) {
    throw new PlayError('inventory', `${what} prints no JSON`, {
      pos,
      cause,
      hint: 'run it by hand, and look',
    })
  }
}

class Reader {
  /** In the order in which groups name them. */
  readonly hosts = new Set<string>()
  constructor(
    readonly draft: Draft,
    readonly file: string,
    readonly pos: Pos,
  ) {}

  /** A list of hosts, or hosts, variables and children; variables alone are those of a host of that name. */
  group(name: string, value: unknown): void {
    if (!isGroupName(name)) {
      this.draft.fail(
        `${JSON.stringify(name)} is not a group name`,
        this.pos,
        `that is what ${this.file} prints`,
      )
      return
    }
    const group = this.draft.declare(name)
    if (Array.isArray(value)) {
      this.#members(group, value)
      return
    }
    const body = mappingOf(value, `the group ${name}`, this.pos)
    if (!['hosts', 'vars', 'children'].some((key) => Object.hasOwn(body, key))) {
      this.#members(group, [name])
      this.variables(group.layers, body)
      return
    }
    this.#members(group, body.hosts ?? [])
    if (body.vars) this.variables(group.layers, mappingOf(body.vars, `vars of ${name}`, this.pos))
    for (const child of this.#names(body.children ?? [], `children of ${name}`)) {
      this.draft.declare(child)
      if (!group.children.has(child)) group.children.set(child, () => this.pos)
    }
  }

  variables(layers: Layer[] | undefined, vars: Vars): void {
    if (Object.keys(vars).length > 0)
      layers?.push({ vars: encryptedIn(vars, this.pos) as Vars, at: () => this.pos })
  }

  #members(group: GroupDraft, value: unknown): void {
    for (const host of this.#names(value, `hosts of ${group.name}`)) {
      this.draft.addHosts(group, host, () => this.pos)
      this.hosts.add(host)
    }
  }

  #names(value: unknown, what: string): string[] {
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    this.draft.fail(
      `${what} are a list of names, not ${kindOf(value)}`,
      this.pos,
      `that is what ${this.file} prints`,
    )
    return []
  }
}

function mappingOf(value: unknown, what: string, pos: Pos): Vars {
  if (isMapping(value)) return value
  throw new PlayError('inventory', `${what} is a mapping, not ${kindOf(value)}`, { pos })
}

/** `{"__ansible_vault": "…"}` stands for a value that is encrypted. */
function encryptedIn(value: unknown, pos: Pos): unknown {
  if (Array.isArray(value)) return value.map((item) => encryptedIn(item, pos))
  if (!isMapping(value)) return value
  const { __ansible_vault: text, ...rest } = value
  if (typeof text === 'string' && Object.keys(rest).length === 0) return new VaultValue(text, pos)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encryptedIn(item, pos)]))
}
