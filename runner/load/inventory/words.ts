import { PlayError, type Pos } from '../../errors.ts'

/** A word of a line, with its quotes gone. */
export interface Word {
  text: string
  /** Counts from 1. */
  col: number
  /** As written. */
  length: number
}

/**
 * Splits a host line as a POSIX shell would: quotes of both kinds, backslashes, and `#` for a comment. Python's shlex,
 * which Ansible uses, also ends a word at a `#` in its middle and so cuts passwords short: here that is an error.
 *
 * @throws {PlayError} code 'inventory'
 */
export function splitWords(line: string, at: (col: number, length?: number) => Pos): Word[] {
  const words: Word[] = []
  let index = 0
  while (index < line.length) {
    const character = line[index]!
    if (/\s/.test(character)) index++
    else if (character === '#') break
    else {
      const word = readWord(line, index, at)
      words.push(word)
      index += word.length
    }
  }
  return words
}

function readWord(line: string, start: number, at: (col: number, length?: number) => Pos): Word {
  let text = ''
  let quote = ''
  let opened = start
  let index = start
  for (; index < line.length; index++) {
    const character = line[index]!
    if (quote === "'") {
      if (character === "'") quote = ''
      else text += character
    } else if (character === '\\' && index + 1 < line.length) {
      const next = line[++index]!
      text += quote === '"' && next !== '"' && next !== '\\' ? character + next : next
    } else if (quote === '"') {
      if (character === '"') quote = ''
      else text += character
    } else if (character === '"' || character === "'") {
      quote = character
      opened = index
    } else if (/\s/.test(character)) break
    else if (character === '#') {
      throw new PlayError('inventory', 'a # in the middle of a word is a comment to Ansible', {
        pos: at(index + 1),
        hint: 'quote the value if the # belongs to it, or put a space before a comment',
      })
    } else text += character
  }
  if (quote) {
    throw new PlayError('inventory', 'this quote is opened and never closed', {
      pos: at(opened + 1),
      hint: `close it with ${quote}`,
    })
  }
  return { text, col: start + 1, length: index - start }
}
