/** Where our answers differ from Ansible's, and why. Each is a pattern of the text. */
export const EXPLAINED: readonly { matches: RegExp; why: string }[] = [
  { matches: /\*\* 1\.5/, why: "JavaScript's powers with a fraction may differ in the last digit" },
  {
    matches: /__class__\}/,
    why: 'nothing of the implementation is reachable from a format, as from elsewhere',
  },
  { matches: /a\.real/, why: 'numbers have no attributes here' },
  {
    matches: /\bl\.count\(1\)|mixed\.count\(1\)/,
    why: 'Ansible 2.19 does not see the elements of lists of variables in count()',
  },
  { matches: /copy\.append|d\.update/, why: 'Ansible forgets the error of a call whose result nobody uses' },
  { matches: /now\(\)/, why: 'the clock is given by who evaluates' },
]
