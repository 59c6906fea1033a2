import { lsnBytes } from '../replication/upstream.ts'

/** A transaction that was confirmed, and is not there. */
export interface Lost {
  xid: string
  lsn: string
  /** Changed rows of published tables; 0 where nobody knows what it changed. */
  rows: number
  /** Those of them that were inserted. */
  inserted: number
}

/** What GAP_SCRIPT printed of one transaction. */
export function readLost(line: string): Lost[] {
  const [word, xid, lsn, rows, inserted] = line.split(' ')
  return word === 'lost' ? [{ xid: xid!, lsn: lsn!, rows: Number(rows), inserted: Number(inserted) }] : []
}

/** Positions that compare as texts. */
export const digits = (position: string): string =>
  lsnBytes(position).toString(16).toUpperCase().padStart(16, '0')

/** The files of the tables in `published (relid)`, with their partitions, as `tablespace/database/file`. */
export const PUBLISHED_FILES = `(select coalesce(string_agg(concat_ws('/', coalesce(nullif(c.reltablespace, 0), d.dattablespace),
      d.oid, pg_relation_filenode(c.oid)), ' '), '')
    from (select relid from published union select t.relid from published p, pg_partition_tree(p.relid) t) leaves
    join pg_class c on c.oid = leaves.relid, pg_database d
    where d.datname = current_database() and pg_relation_filenode(c.oid) is not null)`
