/** One line of a passfile: `host:port:dbname:user:password` (libpq, 34.16). */
export interface PassfileEntry {
  host: string
  port: string
  dbname: string
  user: string
  password: string
}

export interface MergedPassfile {
  text: string
  /** It has lines that the task does not know. */
  keeps: boolean
  /** Entries that were written, and what was there before; null: nothing. */
  entries: { entry: PassfileEntry; was: string | null }[]
  /** Lines of other connections that went, because the file holds nothing else. */
  removed: PassfileEntry[]
  /** How many lines went that libpq cannot read: a password may stand in them. */
  unread: number
}

/** The entry without its password. */
export const showEntry = ({ host, port, dbname, user }: PassfileEntry): string =>
  `${host}:${port}:${dbname}:${user}`

/**
 * The passfile with the wanted entries in force. The first line that fits a connection counts, so an entry that a
 * line above would hide is put before that line.
 */
export function mergePassfile(
  text: string,
  wanted: readonly PassfileEntry[],
  exclusive: boolean,
): MergedPassfile {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const merged: MergedPassfile = { text, keeps: false, entries: [], removed: [], unread: 0 }
  for (const entry of wanted) {
    const line = lineOf(entry)
    const at = lines.findIndex((other) => covers(parseLine(other), entry))
    if (lines[at] === line) continue
    const own = lines.findIndex((other) => isSameConnection(parseLine(other), entry))
    const was = own < 0 ? null : own === at ? 'another password' : 'hidden by a line above'
    if (own >= 0) lines.splice(own, 1)
    lines.splice(at < 0 ? lines.length : at, 0, line)
    merged.entries.push({ entry, was })
  }
  const kept = exclusive ? lines.filter((line) => wanted.some((entry) => lineOf(entry) === line)) : lines
  if (exclusive)
    for (const line of lines) {
      const parsed = parseLine(line)
      if (kept.includes(line)) continue
      if (parsed) merged.removed.push(parsed)
      else if (line.trim() !== '' && !line.startsWith('#')) merged.unread += 1
    }
  const result = kept.map((line) => `${line}\n`).join('')
  // Only the order, a comment or the last line's end differ: the file stays as it is.
  const settled = merged.entries.length === 0 && merged.removed.length === 0 && merged.unread === 0
  const known = new Set(['', ...wanted.map(lineOf)])
  const final = settled ? text : result
  return { ...merged, text: final, keeps: final.split('\n').some((line) => !known.has(line)) }
}

const FIELDS = ['host', 'port', 'dbname', 'user'] as const

/** A sign of a comment at the beginning of a line would hide it. */
const escaped = (field: string): string => field.replace(/[\\:]|^#/g, '\\$&')
const lineOf = (entry: PassfileEntry): string =>
  [...FIELDS.map((field) => entry[field]), entry.password].map(escaped).join(':')

function parseLine(line: string): PassfileEntry | null {
  if (line.startsWith('#')) return null
  const fields = line.match(/(?:[^\\:]|\\.)+|(?<=^|:)(?=:|$)/gs)
  // libpq reads the password up to the next colon (passwordFromFile).
  if (!fields || fields.length < 5) return null
  const [host, port, dbname, user, password] = fields.map((field) => field.replace(/\\(.)/gs, '$1'))
  return { host: host!, port: port!, dbname: dbname!, user: user!, password: password! }
}

/** Every connection that `entry` is for, this line fits too. */
const covers = (line: PassfileEntry | null, entry: PassfileEntry): boolean =>
  line !== null && FIELDS.every((field) => line[field] === '*' || line[field] === entry[field])

const isSameConnection = (line: PassfileEntry | null, entry: PassfileEntry): boolean =>
  line !== null && showEntry(line) === showEntry(entry)
