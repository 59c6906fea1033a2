/**
 * Whether a task runs under `--tags` and `--skip-tags` (Ansible, "Tags"): `always` runs whatever is asked for, `never`
 * only when one of the task's tags is asked for by name; `tagged`, `untagged` and `all` mean what they say. What is
 * skipped wins over what is asked for.
 *
 * @param effectiveTags the task's own tags and those of its blocks, roles and play
 * @param only empty: all
 */
export function selectTask(
  effectiveTags: readonly string[],
  only: readonly string[],
  skip: readonly string[],
): boolean {
  return isAskedFor(effectiveTags, only.length > 0 ? only : ['all']) && !isSkipped(effectiveTags, skip)
}

function isAskedFor(tags: readonly string[], only: readonly string[]): boolean {
  if (tags.includes('always') || only.some((tag) => tags.includes(tag))) return true
  if (tags.length === 0) return only.includes('all') || only.includes('untagged')
  return !tags.includes('never') && (only.includes('all') || only.includes('tagged'))
}

function isSkipped(tags: readonly string[], skip: readonly string[]): boolean {
  if (skip.includes('all')) return !tags.includes('always') || skip.includes('always')
  if (skip.some((tag) => tags.includes(tag))) return true
  return skip.includes(tags.length === 0 ? 'untagged' : 'tagged')
}
