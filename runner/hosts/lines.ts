import { StringDecoder } from 'node:string_decoder'

/** Characters of a line that never ends: what comes before its last ones is forgotten. */
const LONGEST = 1024 * 1024

/** Splits bytes into lines as they come. A carriage return ends a line as well: progress is drawn with it. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8')
  private rest = ''

  constructor(private readonly onLine: (line: string) => void) {}

  push(part: Buffer): void {
    const lines = (this.rest + this.decoder.write(part)).split(/\r\n|\n|\r(?!$)/)
    this.rest = lines.pop()!.slice(-LONGEST)
    for (const line of lines) this.onLine(line)
  }

  end(): void {
    const line = (this.rest + this.decoder.end()).replace(/\r$/, '')
    this.rest = ''
    if (line !== '') this.onLine(line)
  }
}
