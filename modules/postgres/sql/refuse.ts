import { Refusal } from '../../../contract/errors.ts'

/** What is for psql, not for the server. @throws {Refusal} */
export function refusePsqlOnly(statements: readonly string[], source: string): void {
  for (const statement of statements) {
    const line = statement.split('\n').find((one) => one.trim() !== '' && !one.trim().startsWith('--')) ?? ''
    if (/^\s*\\/.test(line))
      throw new Refusal(
        `${source} holds a command of psql, not of SQL: ${line.trim().slice(0, 60)}`,
        'The server knows only SQL. For psql scripts use the module shell with psql -f.',
      )
    if (/^copy\b[\s\S]*\bfrom\s+stdin\b/i.test(statement))
      throw new Refusal(
        `${source} holds COPY … FROM STDIN, whose data has no place here`,
        'Use INSERT, COPY from a file on the server, or the module shell with psql -f.',
      )
  }
}
