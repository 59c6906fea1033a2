import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isMapping, readYaml, within } from '../../yaml.ts'
import { type Context, shownPath } from '../context.ts'

/** What a project says of a role or a collection that it needs. Nothing is fetched. */
export interface Requirement {
  /** `file:line` */
  at: string
  /** Where it comes from, and in which version. */
  from: string
}

/** The files that ansible-galaxy reads (Ansible Galaxy user guide): of roles alone, or with `roles` and `collections`. */
const FILES = ['requirements', 'roles/requirements', 'collections/requirements'].flatMap((name) => [
  `${name}.yml`,
  `${name}.yaml`,
])

/** Which requirement brings a role: by its name, by what it is fetched from, or by its collection. */
export function requirementOf(role: string, { playDir, diagnostics }: Context): Requirement | undefined {
  for (const file of [playDir, dirname(playDir)].flatMap((dir) => FILES.map((name) => join(dir, name)))) {
    const located = existsSync(file) ? diagnostics.collect(() => readYaml(shownPath(file))) : undefined
    if (!located) continue
    const { value } = located
    const lists = isMapping(value)
      ? (['roles', 'collections'] as const).map((key) => within(located, key))
      : [located]
    for (const list of lists)
      for (const [index, one] of (Array.isArray(list.value) ? list.value : []).entries())
        if (brings(one, role)) {
          const { line } = list.locate([index])
          return { at: `${shownPath(file)}:${line}`, from: sourceOf(one) }
        }
  }
  return undefined
}

function brings(one: unknown, role: string): boolean {
  const { name, src, role: other } = isMapping(one) ? one : { name: one }
  const collection = role.split('.').slice(0, 2).join('.')
  const names = [name, other, src, nameIn(src)]
  return names.includes(role) || (role.split('.').length > 2 && names.includes(collection))
}

/** What ansible-galaxy calls a role that is fetched from there: the last part, without its end. */
const nameIn = (source: unknown): string | undefined =>
  typeof source === 'string'
    ? source
        .split('/')
        .at(-1)
        ?.replace(/,.*/s, '')
        .replace(/(\.git|\.tar\.gz)$/, '')
    : undefined

function sourceOf(one: unknown): string {
  if (!isMapping(one)) return String(one)
  const source = one.src ?? one.source ?? one.name
  return one.version === undefined ? String(source) : `${source}, version ${one.version}`
}
