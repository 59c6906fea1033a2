/** What is encrypted and decrypted by both. */
export interface Case {
  name: string
  plain: Buffer
  password: string
  /** undefined: format 1.1. */
  label?: string
}

export const CASES: readonly Case[] = [
  { name: 'a line', plain: Buffer.from('hello\n'), password: 'pw' },
  { name: 'nothing', plain: Buffer.alloc(0), password: 'pw' },
  { name: 'one character', plain: Buffer.from('x'), password: 'pw' },
  { name: 'a whole block', plain: Buffer.from('0123456789abcdef'), password: 'pw' },
  { name: 'a label', plain: Buffer.from('a: 1\n'), password: 'pw', label: 'dev' },
  { name: 'a label of several words', plain: Buffer.from('a: 1\n'), password: 'pw', label: 'prod.db-1_x' },
  { name: 'letters of other languages', plain: Buffer.from('Größe: 日本 🐘\n'), password: 'Paß wört 🐘' },
  { name: 'bytes that are no text', plain: Buffer.from([0, 255, 254, 10, 13, 0]), password: 'pw' },
  { name: 'many lines', plain: Buffer.from('line of text\n'.repeat(60)), password: 'x'.repeat(200) },
]

/** What ansible-vault made of a case. */
export interface Recorded extends Omit<Case, 'plain'> {
  madeBy: string
  /** base64 */
  plain: string
  text: string
}
