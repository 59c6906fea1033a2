/** Facts that modules of several folders, or the library of PostgreSQL, share. */

import { defineFact } from './facts.ts'
import type { FileStat } from './host.ts'
import type { PlannedFile } from './world.ts'

export interface PackageFact {
  /** null where it is not installed. */
  version: string | null
  status: 'installed' | 'absent'
}
/** By the name of a Debian package. */
export const packageKey = defineFact<PackageFact>('package')

/** Every package that earlier planned tasks install. Files and units nobody can name yet come with them. */
export const plannedPackagesKey = defineFact<string[], []>('planned-packages')

/** An earlier task of this check made this very wish come true. */
export interface PlannedCertificate {
  planned: string
  /** The server's own files among those that will be written: it will have to read them anew. */
  rewritten: boolean
}
/** By the path of a certificate: what is planned for it. */
export const plannedCertificateKey = defineFact<PlannedCertificate>('planned-certificate')

/** What an `exec` step makes of a file; steps on files say it themselves. What is left out stays as it is. */
export interface FilePrediction extends Omit<PlannedFile, 'content' | 'opaque' | 'onTheWay'> {
  /** `file` where it is left out. */
  type?: FileStat['type']
  content?: PlannedFile['content'] | string
}
/** By an absolute path; null: nothing will be there. */
export const fileKey = defineFact<FilePrediction | null, [path: string]>('file')
