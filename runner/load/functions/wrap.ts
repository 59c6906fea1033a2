import { ValueFault } from '../jinja/value.ts'

/** Where a line may be broken: at spaces, behind hyphens between letters, and at dashes. */
function chunksOf(line: string, hyphens: boolean): string[] {
  if (!hyphens) return line.split(/(\s+)/).filter((chunk) => chunk !== '')
  const chunks: string[] = []
  for (const part of line.split(/(\s+)/)) {
    if (part === '' || /^\s/.test(part)) {
      if (part !== '') chunks.push(part)
      continue
    }
    chunks.push(
      ...part.split(
        /(?<=[^\d\W]{2}-)(?=[^\d\W]-?[^\d\W])|(?<=[\w!"'&.,?])(?=-{2,}\w)|(?<=[\w!"'&.,?]-{2,})(?=\w)/u,
      ),
    )
  }
  return chunks
}

/** Lines as Python's textwrap makes them of one. */
export function wrap(line: string, width: number, breakLong: boolean, hyphens: boolean): string[] {
  if (width <= 0) throw new ValueFault('width must be greater than 0')
  const chunks = chunksOf(line, hyphens).reverse()
  const lines: string[] = []
  while (chunks.length > 0) {
    const current: string[] = []
    let length = 0
    if (lines.length > 0 && chunks.at(-1)!.trim() === '') chunks.pop()
    while (chunks.length > 0 && length + [...chunks.at(-1)!].length <= width) {
      length += [...chunks.at(-1)!].length
      current.push(chunks.pop()!)
    }
    if (chunks.length > 0 && [...chunks.at(-1)!].length > width) {
      const all = [...chunks.at(-1)!]
      if (breakLong) {
        const room = Math.max(1, width - length)
        const hyphen = hyphens && all.length > room ? all.slice(0, room).lastIndexOf('-') : -1
        const end = hyphen > 0 && all.slice(0, hyphen).some((one) => one !== '-') ? hyphen + 1 : room
        current.push(all.slice(0, end).join(''))
        chunks[chunks.length - 1] = all.slice(end).join('')
      } else if (current.length === 0) current.push(chunks.pop()!)
    }
    if (current.length > 0 && current.at(-1)!.trim() === '') current.pop()
    if (current.length > 0) lines.push(current.join(''))
  }
  return lines
}
