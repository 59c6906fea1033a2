const WHO_SHIFT = { u: 6, g: 3, o: 0 } as const
const SPECIAL = { u: 0o4000, g: 0o2000, o: 0 } as const

/**
 * A mode as four octal digits. A symbolic one is worked out from `current`, as chmod(1) does without a umask.
 * @param wanted '644', '0644' or 'u=rw,g=r,o='
 * @param current octal, of what is there or will be made
 */
export function resolveMode(wanted: string, current: string, directory: boolean): string {
  if (/^[0-7]+$/.test(wanted)) return wanted.padStart(4, '0')
  let bits = Number.parseInt(current, 8)
  for (const clause of wanted.split(',')) {
    const [, who = '', actions = ''] = /^([ugoa]*)(.*)/s.exec(clause) ?? []
    const classes =
      who === '' || who.includes('a') ? (['u', 'g', 'o'] as const) : ([...who] as ('u' | 'g' | 'o')[])
    for (const [, operator = '', letters = ''] of actions.matchAll(/([-+=])([rwxXst]*)/g)) {
      for (const one of classes) bits = apply(bits, one, operator, letters, directory)
      if (letters.includes('t') && who !== 'u' && who !== 'g')
        bits = operator === '-' ? bits & ~0o1000 : bits | 0o1000
    }
  }
  return bits.toString(8).padStart(4, '0')
}

function apply(
  bits: number,
  who: 'u' | 'g' | 'o',
  operator: string,
  letters: string,
  directory: boolean,
): number {
  const shift = WHO_SHIFT[who]
  let mask = 0
  if (letters.includes('r')) mask |= 4 << shift
  if (letters.includes('w')) mask |= 2 << shift
  // X: execute for folders, and for files that somebody may execute already.
  if (letters.includes('x') || (letters.includes('X') && (directory || (bits & 0o111) !== 0)))
    mask |= 1 << shift
  if (letters.includes('s')) mask |= SPECIAL[who]
  if (operator === '+') return bits | mask
  if (operator === '-') return bits & ~mask
  // chmod keeps set-id bits of folders that '=' does not name.
  const cleared = (7 << shift) | (directory ? 0 : SPECIAL[who])
  return (bits & ~cleared) | mask
}
