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
        /(?<=[^\d\W]{2}-)(?=[^\d\W]-?[^\d\W])|(?<=[\w!"'&.,?])(?=-{2,}\w)|(?=\w)(?<=[\w!"'&.,?]-{2,})/u,
      ),
    )
  }
  return chunks
}

/** A chunk by its characters, of which those before `at` are in a line already. */
interface Chunk {
  all: string[]
  at: number
}

/** Lines as Python's textwrap makes them of one. */
export function wrap(line: string, width: number, breakLong: boolean, hyphens: boolean): string[] {
  if (width <= 0) throw new ValueFault('width must be greater than 0')
  const chunks = chunksOf(line, hyphens)
    .reverse()
    .map((text): Chunk => ({ all: [...text], at: 0 }))
  const lines: string[] = []
  while (chunks.length > 0) {
    const current: string[] = []
    let length = 0
    if (lines.length > 0 && isBlank(chunks.at(-1)!)) chunks.pop()
    while (chunks.length > 0 && length + left(chunks.at(-1)!) <= width) {
      length += left(chunks.at(-1)!)
      current.push(rest(chunks.pop()!))
    }
    if (chunks.length > 0 && left(chunks.at(-1)!) > width) {
      const chunk = chunks.at(-1)!
      if (breakLong) {
        const room = Math.max(1, width - length)
        const piece = chunk.all.slice(chunk.at, chunk.at + room)
        const hyphen = hyphens && left(chunk) > room ? piece.lastIndexOf('-') : -1
        const end = hyphen > 0 && piece.slice(0, hyphen).some((one) => one !== '-') ? hyphen + 1 : room
        current.push(piece.slice(0, end).join(''))
        chunk.at += end
      } else if (current.length === 0) current.push(rest(chunks.pop()!))
    }
    if (current.length > 0 && current.at(-1)!.trim() === '') current.pop()
    if (current.length > 0) lines.push(current.join(''))
  }
  return lines
}

const left = ({ all, at }: Chunk): number => all.length - at
const rest = ({ all, at }: Chunk): string => all.slice(at).join('')
/** A chunk is white space or has none: its first character says which. */
const isBlank = ({ all, at }: Chunk): boolean => (all[at] ?? '').trim() === ''
