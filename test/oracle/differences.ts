/** How many recorded cases are answered otherwise here, and why. */
export const DIFFERENCES: Readonly<Record<string, { cases: number; why: string }>> = {
  map: {
    cases: 3,
    why: 'what has no such attribute is undefined in the list, and an error where it is used',
  },
  groupby: { cases: 4, why: 'default counts for whole names, not only for parts' },
  round: { cases: 1, why: 'a ceiling keeps the sign of zero' },
  truncate: { cases: 8, why: 'a list is refused, where Jinja gives it back when it is short' },
  urlencode: {
    cases: 1,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  ternary: {
    cases: 2,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  to_yaml: { cases: 4, why: 'folding of long texts, and quotes of some texts: not done yet' },
  to_nice_yaml: { cases: 3, why: 'folding of long texts: not done yet' },
  from_yaml: { cases: 1, why: "the name of a date's type" },
  union: { cases: 1, why: 'lists that hold dicts and others are taken together' },
  intersect: {
    cases: 2,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  difference: {
    cases: 2,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  symmetric_difference: {
    cases: 1,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  b64decode: { cases: 10, why: 'what is no text is refused' },
  urlsplit: { cases: 3, why: 'what is no text is refused' },
  realpath: { cases: 6, why: 'a relative path is of the folder that it runs in' },
  type_debug: {
    cases: 1,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  log: { cases: 1, why: 'the last digit of a float' },
  random: { cases: 5, why: 'a seed that is a float is refused' },
  vault: { cases: 3, why: 'an empty password is refused' },
  'community.general.json_query': {
    cases: 10,
    why: 'numbers of JSON are whole where they have no fraction; `` is no literal',
  },
  'is changed': { cases: 1, why: 'a loop that did nothing changed nothing' },
  'is empty': { cases: 22, why: 'a test of ours alone' },
  'is filter': {
    cases: 8,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is test': {
    cases: 8,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is file': {
    cases: 5,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is is_file': {
    cases: 5,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is directory': {
    cases: 5,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is is_dir': {
    cases: 5,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is exists': {
    cases: 5,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is link': {
    cases: 1,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is link_exists': {
    cases: 1,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
  'is uri': {
    cases: 5,
    why: 'a value of a wrong type is refused there and answered here, or the other way round',
  },
}
