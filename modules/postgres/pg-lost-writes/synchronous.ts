/** Whether no commit is acknowledged before this standby has it: synchronous_standby_names (20.6.2) leaves no other choice. */
export function waitsFor(standby: string, names: string): boolean {
  const [, , number = '1', list = names] = /^\s*(?:(FIRST|ANY)\s+)?(\d+)\s*\((.*)\)\s*$/is.exec(names) ?? []
  const members = list.split(',').map((one) =>
    one
      .trim()
      .replace(/^"(.*)"$/s, (_, inside: string) => inside.replaceAll('""', '"'))
      .toLowerCase(),
  )
  if (members.includes('*') || !members.includes(standby.toLowerCase())) return false
  return Number(number) >= new Set(members).size
}

/** Values of synchronous_commit with which a commit waits for the standby to have received it. */
export const waitsAtCommit = (value: string): boolean => !/^(off|local|false|no|0)$/i.test(value)
