/** A helper of templates that modules bring: texts in, text out. */
export interface TextHelper {
  /** As an example, for errors and docs/templates.md. */
  usage: string
  summary: string
  /** The least and most texts it takes. */
  args: readonly [least: number, most: number]
  run(...texts: string[]): string
}
