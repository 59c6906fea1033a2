import { leftToRight, rightToLeft, unassigned } from './stringprep-tables.ts'

/**
 * A password as PostgreSQL prepares it before hashing (RFC 4013, as in its src/common/saslprep.c): spaces become
 * ASCII spaces, what is commonly mapped to nothing goes, then NFKC. A password that SASLprep forbids is used as it
 * is, which is PostgreSQL's own fallback, on the server and in libpq.
 */
export function saslprep(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password
  const mapped = password.replace(OTHER_SPACE, ' ').replace(MAPPED_TO_NOTHING, '')
  // RFC 4013 looks at the outcome of NFKC; PostgreSQL looks at what went in.
  return mapped === '' || isForbidden(mapped) ? password : mapped.normalize('NFKC')
}

const OTHER_SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu
const MAPPED_TO_NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu

/** Tables C.1.2 to C.9 of RFC 3454. */
const PROHIBITED = new RegExp(
  [
    '[\\u0000-\\u001f\\u007f-\\u00a0\\u0340\\u0341\\u06dd\\u070f\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f]',
    '[\\u205f-\\u2063\\u206a-\\u206f\\u2ff0-\\u2ffb\\u3000\\ud800-\\uf8ff\\ufdd0-\\ufdef\\ufeff\\ufff9-\\uffff]',
    '[\\u{1d173}-\\u{1d17a}\\u{e0001}\\u{e0020}-\\u{e007f}\\u{f0000}-\\u{10ffff}]',
    '[\\u{1fffe}\\u{1ffff}\\u{2fffe}\\u{2ffff}\\u{3fffe}\\u{3ffff}\\u{4fffe}\\u{4ffff}\\u{5fffe}\\u{5ffff}]',
    '[\\u{6fffe}\\u{6ffff}\\u{7fffe}\\u{7ffff}\\u{8fffe}\\u{8ffff}\\u{9fffe}\\u{9ffff}\\u{afffe}\\u{affff}]',
    '[\\u{bfffe}\\u{bffff}\\u{cfffe}\\u{cffff}\\u{dfffe}\\u{dffff}\\u{efffe}\\u{effff}]',
  ].join('|'),
  'u',
)

function isForbidden(text: string): boolean {
  const codes = Array.from(text, (char) => char.codePointAt(0)!)
  if (PROHIBITED.test(text) || codes.some(unassigned)) return true
  if (!codes.some(rightToLeft)) return false
  return codes.some(leftToRight) || !rightToLeft(codes[0]!) || !rightToLeft(codes.at(-1)!)
}
