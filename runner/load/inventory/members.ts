import type { Draft } from './draft.ts'

/** Who is in a group. */
export interface Members {
  /** All, those of child groups included, nearest first. */
  hosts: string[]
  /** Named in the group itself. */
  direct: string[]
  /** Groups right below it. */
  children: string[]
}

/**
 * The members of each group, in Ansible's order: `all` holds what was named in it, then `ungrouped`, then the groups without
 * another parent. A host that no other group names is in `ungrouped`.
 */
export function membersOf(draft: Draft): Map<string, Members> {
  const near = new Map<string, { direct: string[]; children: string[] }>()
  const below = new Set([...draft.groups.values()].flatMap(({ children }) => [...children.keys()]))
  for (const { name, hosts, children } of draft.groups.values())
    near.set(name, { direct: [...hosts], children: [...children.keys()] })
  const all = near.get('all')!
  const roots = [...draft.groups.keys()].filter((name) => name !== 'all' && !below.has(name))
  all.children = [...new Set(['ungrouped', ...all.children, ...roots])]
  near.get('ungrouped')!.direct = ungrouped(draft)
  return new Map([...near.keys()].map((name) => [name, new Below(name, near)]))
}

function ungrouped(draft: Draft): string[] {
  const isAlone = (name: string) =>
    draft.hosts.get(name)!.groups.every((group) => group === 'all' || group === 'ungrouped')
  const named = draft.groups.get('ungrouped')!.hosts
  return [...new Set([...named, ...draft.hosts.keys()])].filter(isAlone)
}

/** Everybody below is looked for when first asked for: a chain of thousands of groups would take long. */
class Below implements Members {
  #hosts?: string[]
  constructor(
    readonly name: string,
    readonly near: Near,
  ) {}

  get direct(): string[] {
    return this.near.get(this.name)!.direct
  }

  get children(): string[] {
    return this.near.get(this.name)!.children
  }

  get hosts(): string[] {
    this.#hosts ??= hostsBelow(this.name, this.near)
    return this.#hosts
  }
}

type Near = ReadonlyMap<string, { direct: string[]; children: string[] }>

/** Level by level; a group that is reached twice counts once. */
function hostsBelow(name: string, near: Near): string[] {
  const groups = new Set([name])
  const hosts = new Set<string>()
  for (const group of groups) {
    const found = near.get(group)
    for (const host of found?.direct ?? []) hosts.add(host)
    for (const child of found?.children ?? []) groups.add(child)
  }
  return [...hosts]
}
