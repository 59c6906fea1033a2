import stringWidth from 'string-width'

/** Lines of cells in columns, two spaces apart; `paint` colours a cell once it has its width. */
export function columns<T extends { text: string }>(
  rows: readonly (readonly T[])[],
  paint: (text: string, cell: T) => string,
): string[] {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell.text))
    })
  return rows.map((row) => {
    const last = row.findLastIndex((cell) => cell.text !== '')
    return row
      .slice(0, last + 1)
      .map((cell, index) => {
        const room = index === last ? 0 : widths[index]! - stringWidth(cell.text)
        return `${paint(cell.text, cell)}${' '.repeat(room)}`
      })
      .join('  ')
  })
}
