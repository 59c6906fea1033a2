import { matchesGlob } from '../../../contract/glob.ts'

/** One package that a simulated apt-get would change. */
export interface PackageChange {
  name: string
  /** null where it is not installed. */
  before: string | null
  /** null where it goes. */
  after: string | null
}

/**
 * The packages in the output of `apt-get -s` (with LC_ALL=C): `Inst NAME [OLD] (NEW ORIGIN [ARCH])`,
 * `Conf NAME (NEW …)`, `Remv NAME [OLD]` or `Purg NAME [OLD]`, in apt's order.
 */
export function parseSimulation(output: string): PackageChange[] {
  const changes = new Map<string, PackageChange>()
  for (const line of output.split('\n')) {
    const installed = /^Inst (\S+)(?: \[([^\]]+)\])? \((\S+) /.exec(line)
    if (installed) {
      const [, name = '', before = null, after = ''] = installed
      changes.set(name, { name, before: before ?? null, after })
    }
    // Configured without being installed: an earlier run unpacked it and went no further.
    const configured = /^Conf (\S+) \((\S+) /.exec(line)
    if (configured && !changes.has(configured[1]!)) {
      changes.set(configured[1]!, { name: configured[1]!, before: null, after: configured[2]! })
    }
    const removed = /^(?:Remv|Purg) (\S+)(?: \[([^\]]+)\])?/.exec(line)
    if (removed && !changes.has(removed[1]!))
      changes.set(removed[1]!, { name: removed[1]!, before: removed[2] ?? '', after: null })
  }
  return [...changes.values()]
}

/** A package as a task names it. */
export interface Wanted {
  /** As apt-get takes it: name, name:arch, name=version, name/release. */
  word: string
  /** name or name:arch */
  name: string
  /** A version, with `*` for any end. */
  version?: string
  release?: string
}

export const PACKAGE_WORD =
  /^[a-z0-9][a-z0-9.+-]*[a-z0-9.+](:[a-z0-9-]+)?(=[A-Za-z0-9.+~:*-]+|\/[A-Za-z0-9][A-Za-z0-9.+-]*)?$/

export function parseWanted(word: string): Wanted {
  const [, name = word, mark, rest] = /^([^=/]+)(?:([=/])(.+))?$/.exec(word) ?? []
  if (mark === '=') return { word, name, version: rest }
  return mark === '/' ? { word, name, release: rest } : { word, name }
}

/** Whether an installed version is what `version` asks for. */
export const versionMatches = (installed: string, version: string): boolean => matchesGlob(version, installed)
