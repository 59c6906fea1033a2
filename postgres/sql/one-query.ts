import { Refusal } from '../../contract/errors.ts'
import { firstWord, splitStatements, wordsOf } from './statements.ts'

/** First words of statements that do nothing but read. WITH may hold an INSERT, which its read-only transaction refuses. */
const READING = ['select', 'show', 'table', 'values', 'explain', 'with']

const ONE_QUERY =
  'give one statement that reads: SELECT, WITH, VALUES, TABLE, SHOW, or EXPLAIN without ANALYZE'

/**
 * One statement that reads, without its semicolon: what somebody else's text must be before an inspection runs it.
 * @param what as an error calls it: '`unless`'
 * @throws {Refusal} where it is several statements, or another one
 */
export function oneQuery(text: string, what: string): string {
  const [statement = '', ...more] = splitStatements(text)
  if (more.length > 0) throw new Refusal(`${what} holds ${more.length + 1} statements`, ONE_QUERY)
  const word = firstWord(statement)
  const isRun = word === 'explain' && isAnalyze(statement)
  if (!READING.includes(word) || isRun)
    throw new Refusal(
      `${what} is no query: ${isRun ? 'EXPLAIN ANALYZE' : word.toUpperCase() || 'nothing in it'} does more than read`,
      ONE_QUERY,
    )
  return statement
}

/** EXPLAIN with ANALYZE runs what it explains: as a word of its own, behind VERBOSE, or among the options in parentheses. */
function isAnalyze(statement: string): boolean {
  const [, ...words] = wordsOf(statement)
  const options =
    words[0] === '(' ? words.slice(1, words.indexOf(')')) : words.slice(0, words[0] === 'verbose' ? 2 : 1)
  return options.some((word) => word === 'analyze' || word === 'analyse')
}

/** Whether a statement, by its first word, only reads. */
export const isReading = (statement: string): boolean => READING.includes(firstWord(statement))
