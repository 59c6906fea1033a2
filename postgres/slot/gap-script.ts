import { FORGED, WAL_RECORDS } from '../wal-records.ts'

/**
 * Which transactions of a publisher were committed in a range of its WAL and changed a published table, told from
 * pg_waldump. Arguments: pg_waldump, the folder of the WAL, the segments to begin and to end with, the position
 * to end at, the first and the last position of the range as 16 digits, and the tables as `tablespace/database/file`, separated by
 * blanks. Prints `base` once it has seen a record of all running transactions before the range: from there on every
 * change of the others has been seen. Then, for each transaction, `lost XID POSITION ROWS INSERTED`; one that was running at
 * that record may have changed something before it, and counts.
 */
export const GAP_SCRIPT = `"$1" -p "$2" -e "$5" "$3" "$4" 2>&1 |
LC_ALL=C awk -v from="$6" -v upto="$7" -v tables="$8" '
BEGIN { n = split(tables, list, " "); for (i = 1; i <= n; i++) published[list[i]] = 1 }
/^pg_waldump: error/ { print; next }
${WAL_RECORDS}
$2 == "Standby" && what ~ /^RUNNING_XACTS/ && !base && lsn "" <= from "" {
  base = 1; print "base"
  if (match(what, /xacts: [0-9 ]+/)) { m = split(substr(what, RSTART + 7, RLENGTH - 7), run, " "); for (i = 1; i <= m; i++) rows[run[i] + 0] += 0 }
}
$2 ~ /^Heap/ && what ~ /^(INSERT|UPDATE|HOT_UPDATE|DELETE|MULTI_INSERT|TRUNCATE)/ {
  if (what ~ /^TRUNCATE/) { rows[xid]++; next }
  m = split(what, word, " ")
  for (i = 1; i < m; i++) if (word[i] == "rel" && word[i + 1] in published) { rows[xid]++; if (what ~ /INSERT/) fresh[xid]++; break }
}
$2 == "Transaction" && what ~ /^COMMIT/ && lsn "" >= from "" && lsn "" < upto "" {
  if (match(what, /^COMMIT_PREPARED [0-9]+/)) xid = substr(what, 17, RLENGTH - 16) + 0
  hit = xid in rows; count = hit ? rows[xid] : 0; new_ = fresh[xid] + 0
  if (match(what, /subxacts: [0-9 ]+/)) {
    m = split(substr(what, RSTART + 10, RLENGTH - 10), sub_, " ")
    for (i = 1; i <= m; i++) if (sub_[i] + 0 in rows) { hit = 1; count += rows[sub_[i] + 0]; new_ += fresh[sub_[i] + 0] }
  }
  # Its files were replaced: under which name the table was changed before is not known any more.
  if (what ~ /; rels:/) hit = 1
  if (hit) print "lost", xid, half[1] "/" half[2], count, new_
}
END { if (forged) print "${FORGED}" }
'`
