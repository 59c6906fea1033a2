/**
 * The first rules of an awk program that reads what pg_waldump says of all records, one after the other: `xid`, `lsn` (16
 * digits, which compare as texts), `half` (its two parts) and `what` of each.
 *
 * Some records hold texts that any role may choose, and pg_waldump prints them as they are, line ends too: the prefix of
 * pg_logical_emit_message(), the name of a prepared transaction. A line counts only where it goes on from the one before: each
 * record names the position of the one before it, and positions grow. A text that looks like records breaks that chain, at the
 * next real record at the latest: then `forged` is set, the program ends, and nothing that was counted may be believed.
 */
export const WAL_RECORDS = `
function position(text,    half) {
  split(text, half, "/")
  return substr("00000000" half[1], length(half[1]) + 1) substr("00000000" half[2], length(half[2]) + 1)
}
!/^rmgr: [A-Za-z0-9]+ +len \\(rec\\/tot\\): +[0-9]+\\/ *[0-9]+, tx: +[0-9]+, lsn: [0-9A-F]+\\/[0-9A-F]+, prev [0-9A-F]+\\/[0-9A-F]+, desc: / { next }
{
  match($0, /tx: +[0-9]+/); xid = substr($0, RSTART + 3, RLENGTH - 3) + 0
  match($0, /lsn: [0-9A-F]+\\/[0-9A-F]+/); split(substr($0, RSTART + 5, RLENGTH - 5), half, "/")
  lsn = position(half[1] "/" half[2])
  match($0, /prev [0-9A-F]+\\/[0-9A-F]+/); before = position(substr($0, RSTART + 5, RLENGTH - 5))
  if (head != "" && (before "" != head "" || lsn "" <= head "")) { forged = 1; exit }
  head = lsn
  match($0, /desc: /); what = substr($0, RSTART + 6)
}`

/** What both programs say of that. */
export const FORGED =
  'pg_waldump: error: a text in the WAL looks like records of it (pg_logical_emit_message, PREPARE TRANSACTION): what was committed cannot be told'
