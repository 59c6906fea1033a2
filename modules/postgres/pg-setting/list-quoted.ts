/**
 * Settings that are lists of names, each quoted by itself: as one text, `'a, b'` would be a single name with a comma in
 * it (GUC_LIST_QUOTE; the list is that of variable_is_guc_list_quote() in pg_dump).
 */
const LIST_QUOTED = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

export const isListQuoted = (name: string): boolean => LIST_QUOTED.has(name.toLowerCase())

/**
 * The names in a list as the server reads it (SplitIdentifierString): unquoted ones in lower case, quoted ones as they
 * are. null where the text is no list.
 */
export function splitNames(text: string): string[] | null {
  const names: string[] = []
  let rest = text.trim()
  if (rest === '') return names
  for (;;) {
    const found = /^(?:"((?:[^"]|"")*)"|([^\s",]+))\s*/.exec(rest)
    if (!found) return null
    names.push(found[1]?.replaceAll('""', '"') ?? found[2]!.toLowerCase())
    rest = rest.slice(found[0].length)
    if (rest === '') return names
    if (!rest.startsWith(',')) return null
    rest = rest.slice(1).trimStart()
  }
}

/** As the server stores and shows it: quoted where a name needs quotes. No names are one that is empty. */
export function joinNames(names: readonly string[]): string {
  const quote = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)
  return (names.length > 0 ? names : ['']).map(quote).join(', ')
}
