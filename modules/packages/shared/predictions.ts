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
