import { defineFact } from '../../../contract/facts.ts'

/** An earlier planned task fetches all package lists. */
export const listsFetchedKey = defineFact<true, []>('lists-fetched')

/** Repositories whose lists the host cannot have yet. */
export interface PlannedSources {
  /** Text in which ROOT stands before each planned key's path. */
  sources: { path: string; text: string }[]
  keys: { path: string; base64: string }[]
  removed: string[]
}
export const plannedSourcesKey = defineFact<PlannedSources, []>('planned-sources')

/** Stands for the folder in which a preview keeps planned keys. */
export const ROOT = '@ROOT@'
