/** Keys of facts that modules of several folders share, and what is planned under them. */

export const packageKey = (name: string): string => `package/${name}`
/** Value under `package/NAME`. */
export interface PackageFact {
  /** null where it is not installed. */
  version: string | null
  status: 'installed' | 'absent'
}

/** string[]: every package that earlier planned tasks install. Files and units nobody can name yet come with them. */
export const PLANNED_PACKAGES = 'apt/planned'

/** A cluster of Debian's postgresql-common. */
export const clusterKey = (version: string, name: string): string => `cluster/${version}/${name}`
/** Value under `cluster/VERSION/NAME` where a planned package makes it. */
export const CLUSTER_FROM_PACKAGE = { planned: 'package' } as const

export const certificateKey = (path: string): string => `certificate/${path}`
/** Value under `certificate/PATH`: an earlier task of this check made this very wish come true. */
export interface PlannedCertificate {
  planned: string
  /** The server's own files among those that will be written: it will have to read them anew. */
  rewritten: boolean
}
