/** Something of one host that several modules may touch. */
export interface Subject {
  name: string
  /** Root's shell text that leaves nothing of it. */
  clean: string
  /** States to begin with, made from nothing. */
  starts: readonly string[]
  moves: readonly Move[]
}

/** A task on it. */
export interface Move {
  /** As it stands in a playbook, without its name. */
  task: string
  /** What it leaves, by aspect: two that want another value of one undo each other each time. */
  wants: Readonly<Record<string, string>>
  /** It changes something each time, or does for the first time what a task behind it made necessary. */
  always?: true
}

export const move = (task: string, wants: Move['wants'] = {}, always?: true): Move =>
  always ? { task, wants, always } : { task, wants }

/** A cluster of its own beside main. */
export const CLUSTER = 'version: "15", cluster: tuple'
export const CONFIG = '/etc/postgresql/15/tuple'

/** Statements in a database of the cluster. */
export const sql = (text: string, db = 'postgres'): string =>
  `cd / && runuser -u postgres -- psql -XAtq --cluster 15/tuple -d ${db} <<'SQL'\n${text}\nSQL`
