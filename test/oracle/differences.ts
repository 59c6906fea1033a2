const NUMBER = 'a number is a file that this program has open, there; here it is refused'

/** How many recorded cases are answered otherwise here, and why. */
export const DIFFERENCES: Readonly<Record<string, { cases: number; why: string }>> = {
  map: {
    cases: 3,
    why: 'what has no such attribute is undefined in the list, and an error where it is used',
  },
  groupby: { cases: 4, why: 'default counts for whole names, not only for parts' },
  urlencode: {
    cases: 1,
    why: 'a list of dicts is refused: of each the first two keys are taken for a pair there',
  },
  b64decode: { cases: 8, why: 'bytes that are no text are refused: they would not be written as they were' },
  urlsplit: { cases: 3, why: 'what is no text is refused' },
  log: { cases: 1, why: 'the last digit of a float' },
  vault: { cases: 3, why: 'an empty password is refused' },
  'community.general.json_query': {
    cases: 10,
    why: 'a number without a fraction is an int; `` without anything in it is no literal',
  },
  'is changed': { cases: 1, why: 'a loop that did nothing changed nothing' },
  'is empty': { cases: 22, why: 'a test of ours alone: Ansible has none of that name' },
  'is file': { cases: 5, why: NUMBER },
  'is is_file': { cases: 5, why: NUMBER },
  'is directory': { cases: 5, why: NUMBER },
  'is is_dir': { cases: 5, why: NUMBER },
  'is exists': { cases: 5, why: NUMBER },
}
