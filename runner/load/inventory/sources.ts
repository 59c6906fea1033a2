import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { vault } from '../vault/vault.ts'
import { readPlainText } from '../yaml.ts'
import type { Draft } from './draft.ts'
import { filesUnder, isFolder } from './folders.ts'
import { readIni } from './ini.ts'
import { parseData } from './plain-yaml.ts'
import { readProgram } from './program.ts'
import { readYamlGroups } from './yaml-groups.ts'

/** What a folder of inventory files may hold besides them. Ansible's list, keys and certificates, and inventories to copy. */
const IGNORED =
  /(^\.|~$|^(group|host)_vars$|^vars_plugins$|^examples$|^known_hosts$|\.(orig|bak|cfg|retry|swp|md|rst|txt|pyc|pyo|rpm|pub|pem|crt|key)$)/

/**
 * Reads one `-i`: a file, a program, a folder of them, or names with a comma. Answers the folder beside which group_vars/ and
 * host_vars/ stand, or undefined for a list of names.
 */
export function readSource(draft: Draft, source: string, runsPrograms: boolean): string | undefined {
  if (source.includes(',')) {
    draft.source = source
    const group = draft.declare('ungrouped')
    const names = source.split(',').map((name) => name.trim())
    const pos = () => ({ file: '--inventory', line: 1, col: 1 })
    for (const name of names) if (name !== '') draft.addHosts(group, name, pos)
    return undefined
  }
  if (!existsSync(source)) {
    draft.diagnostics.add('file', `the inventory ${source} does not exist`, {
      hint: `name a file or folder with -i, or hosts with a comma: -i ${source},`,
    })
    return undefined
  }
  const files = draft.diagnostics.collect(() => filesUnder(source, (name) => !IGNORED.test(name)))
  const beside = isFolder(source) ? resolve(source) : dirname(resolve(source))
  for (const file of files ?? [])
    draft.diagnostics.collect(() => readFile(draft, file, { runsPrograms, beside }))
  return beside
}

interface Reading {
  runsPrograms: boolean
  /** The folder of group_vars/ and host_vars/. */
  beside: string
}

function readFile(draft: Draft, file: string, { runsPrograms, beside }: Reading): void {
  draft.source = resolve(file)
  const { text, encrypted } = readPlainText(file)
  if (isProgram(file, text)) readProgram(draft, file, runsPrograms)
  else if (isYaml(file, text)) readYamlGroups(draft, parseData(file, text), beside)
  else readIni(draft, file, text)
  if (encrypted) learnVariables(draft, file)
}

/** Makes the variables that an encrypted file sets known as secrets; names of hosts and groups are none. */
function learnVariables(draft: Draft, file: string): void {
  for (const { layers } of [...draft.groups.values(), ...draft.hosts.values()])
    for (const layer of layers)
      if (Object.keys(layer.vars).some((name) => layer.at(name).file === file)) vault.learn(layer.vars)
}

/** A file may be executable by accident (a shared folder), so its content decides. */
const isProgram = (file: string, text: string): boolean =>
  text.startsWith('#!') || (text.includes('\0') && isExecutable(file))

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** By the name, else by the first line that says something: `name:` and `{` start YAML. */
function isYaml(file: string, text: string): boolean {
  if (/\.(ya?ml|json)$/i.test(file)) return true
  if (/\.ini$/i.test(file)) return false
  const first = /^(?:\uFEFF)?(?:\s*(?:#[^\n]*)?\n)*[ \t]*([^\n]*)/.exec(text)?.[1] ?? ''
  return /^(---|\{|[^\s[=]+:(\s|$))/.test(first)
}
