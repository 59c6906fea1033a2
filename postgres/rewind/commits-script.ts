import { FORGED, WAL_RECORDS } from '../wal-records.ts'

/**
 * What was committed behind a position of a server's WAL, told from pg_waldump. Arguments: pg_waldump, the folder of the
 * WAL, where to begin to read, the segments that this is in and to end with, and, as 16 digits, the position and the latest
 * checkpoint. (Without a segment pg_waldump asks any file there for their size, and one that was only reserved knows none.)
 * Prints, once all is read:
 *
 * - `end POSITION LENGTH` of the last record
 * - `read`, if the record of that checkpoint was met: nothing is missing between the beginning and it
 * - `own COUNT FIRST LAST`: commits of its own clients, and their times, `2026-01-31_12:00:00.000000` or `-`
 * - `replicated COUNT`: those with a replication origin
 * - `kept COUNT`: those of maintenance, which have changed statistics alone, or cut empty pages off
 * - `xids …`: the own ones, with their subtransactions
 * - `file TABLESPACE/DATABASE/FILE INSERTED UPDATED DELETED BLOCK…`: what these have changed; the blocks hold what they
 *   have inserted, or updated to, and are `many` where they are too many to be looked at one by one
 * - `truncated COUNT`: own ones that have emptied a table
 * - `error …`, the last that pg_waldump says; it always says one at the end of the WAL
 *
 * What was changed before the position by a transaction that was committed after it counts, as far as it was read.
 */
export const COMMITS_SCRIPT = `"$1" -p "$2" -s "$3" "$4" "$5" 2>&1 |
LC_ALL=C awk -v from="$6" -v checkpoint="$7" '
BEGIN { most = 20000; n = split("2619 2840 3429 3430", list, " "); for (i = 1; i <= n; i++) statistics[list[i]] = 1; first = last = "-" }
/^pg_waldump: (error|fatal): / { error = $0; next }
${WAL_RECORDS}
{
  if (lsn "" == checkpoint "") seen = 1
  place = half[1] "/" half[2]
  match($0, /rec.tot[)]: +[0-9]+. *[0-9]+/); m = split(substr($0, RSTART, RLENGTH), word, "[ /]+"); total_length = word[m]
}
xid == 0 { next }
$2 ~ /^(Sequence|Database|Tablespace|RelMap|LogicalMessage)$/ || ($2 == "Storage" && what ~ /^CREATE/) { changes[xid] = 1 }
$2 == "Storage" && what ~ /^TRUNCATE/ { upkeep[xid] = 1 }
$2 == "Heap" && what ~ /^TRUNCATE/ { changes[xid] = 1; empties[xid] = 1 }
$2 ~ /^Heap2?$/ && what ~ /^(INSERT|UPDATE|HOT_UPDATE|DELETE|MULTI_INSERT)/ {
  if (!match(what, /blkref #0: rel [0-9]+\\/[0-9]+\\/[0-9]+ (fork main )?blk [0-9]+/)) next
  m = split(substr(what, RSTART, RLENGTH), word, " ")
  file = word[4]; block = word[m]; split(file, part, "/")
  if (part[3] in statistics) upkeep[xid] = 1; else changes[xid] = 1
  if (!((xid, file) in known)) { known[xid, file] = 1; files[xid] = files[xid] " " file }
  if (what ~ /^DELETE/) { deleted[xid, file]++; next }
  if (what ~ /^MULTI_INSERT/) { match(what, /MULTI_INSERT[+A-Z]* (ntuples: )?[0-9]+/); m = split(substr(what, RSTART, RLENGTH), word, " "); inserted[xid, file] += word[m] }
  else if (what ~ /^INSERT/) inserted[xid, file]++
  else updated[xid, file]++
  if (!((xid, file, block) in met)) { met[xid, file, block] = 1; if (count[xid, file]++ < most) blocks[xid, file] = blocks[xid, file] " " block }
}
function add(one,    i, j, n, m, name, place) {
  xids = xids " " one
  if (one in empties) truncated++
  n = split(files[one], name, " ")
  for (i = 1; i <= n; i++) {
    if (!(name[i] in all)) { all[name[i]] = 1; order[++total] = name[i] }
    ins[name[i]] += inserted[one, name[i]]; upd[name[i]] += updated[one, name[i]]; del[name[i]] += deleted[one, name[i]]
    if (count[one, name[i]] > most) many[name[i]] = 1
    m = split(blocks[one, name[i]], place, " ")
    for (j = 1; j <= m; j++) if (!((name[i], place[j]) in there)) {
      there[name[i], place[j]] = 1
      if (sum[name[i]]++ < most) places[name[i]] = places[name[i]] " " place[j]; else many[name[i]] = 1
    }
  }
}
function forget(one,    i, j, n, m, name, place) {
  n = split(files[one], name, " ")
  for (i = 1; i <= n; i++) {
    m = split(blocks[one, name[i]], place, " ")
    for (j = 1; j <= m; j++) delete met[one, name[i], place[j]]
    delete known[one, name[i]]; delete blocks[one, name[i]]; delete count[one, name[i]]
    delete inserted[one, name[i]]; delete updated[one, name[i]]; delete deleted[one, name[i]]
  }
  delete files[one]; delete changes[one]; delete upkeep[one]; delete empties[one]
}
$2 == "Transaction" && what ~ /^COMMIT/ && lsn "" >= from "" {
  if (match(what, /^COMMIT_PREPARED [0-9]+/)) xid = substr(what, 17, RLENGTH - 16) + 0
  split("", group); size = 1; group[1] = xid
  if (match(what, /subxacts: [0-9 ]+/)) { m = split(substr(what, RSTART + 10, RLENGTH - 10), word, " "); for (i = 1; i <= m; i++) group[++size] = word[i] + 0 }
  if (what ~ /; origin: node [0-9]/) { replicated++; for (g = 1; g <= size; g++) forget(group[g]); next }
  real = light = 0
  for (i = 1; i <= size; i++) { if (group[i] in changes) real = 1; if (group[i] in upkeep) light = 1 }
  if (!real && light) { kept++; next }
  own++
  if (match(what, /[0-9]+-[0-9]+-[0-9]+ [0-9:.]+/)) { last = substr(what, RSTART, RLENGTH); sub(/ /, "_", last); if (first == "-") first = last }
  for (g = 1; g <= size; g++) { add(group[g]); forget(group[g]) }
}
END {
  if (forged) { print "error ${FORGED}"; exit }
  if (place != "") print "end", place, total_length
  if (seen) print "read"
  print "own", own + 0, first, last
  print "replicated", replicated + 0
  print "kept", kept + 0
  print "xids" xids
  for (t = 1; t <= total; t++) { f = order[t]; print "file", f, ins[f] + 0, upd[f] + 0, del[f] + 0 (f in many ? " many" : places[f]) }
  print "truncated", truncated + 0
  if (error != "") print "error", error
}
'`
