/**
 * Keys of what planned package changes predict, besides `package/NAME`. A cluster key is `cluster/VERSION/NAME`; its
 * value here says that a package makes it.
 */
export const packageKey = (name: string): string => `package/${name}`
export const clusterKey = (version: string, name: string): string => `cluster/${version}/${name}`
export const CLUSTER_FROM_PACKAGE = { planned: 'package' } as const

/** Value under `package/NAME`. */
export interface PackageFact {
  /** null where it is not installed. */
  version: string | null
  status: 'installed' | 'absent'
}

/** string[]: every package that earlier planned tasks install. Files and units nobody can name yet come with them. */
export const PLANNED_PACKAGES = 'apt/planned'

/** true: an earlier planned task fetches all package lists. */
export const LISTS_FETCHED = 'apt/lists'

/** PlannedSources: repositories whose lists the host cannot have yet. */
export const PLANNED_SOURCES = 'apt/sources'
export interface PlannedSources {
  /** Text in which ROOT stands before each planned key's path. */
  sources: { path: string; text: string }[]
  keys: { path: string; base64: string }[]
  removed: string[]
}
/** Stands for the folder in which a preview keeps planned keys. */
export const ROOT = '@ROOT@'
