/** A helper of templates that modules bring: texts in, text out. */
export interface TextHelper {
  /** As an example, for errors and docs/templates.md. */
  usage: string
  summary: string
  /** The least and most texts it takes. */
  args: readonly [least: number, most: number]
  /**
   * Its first text is a host of the inventory, after which something is named: a variable of the host that stands in for
   * its name. Two hosts with one answer are refused before the first connection.
   */
  namedAfterHost?: { variable: string; what: string }
  run(...texts: string[]): string
}
