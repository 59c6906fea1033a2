/** What a host said, as facts-script.ts calls its parts; what is not there is ''. */
export class Found {
  constructor(readonly parts: ReadonlyMap<string, Buffer>) {}

  bytes = (name: string): Buffer => this.parts.get(name) ?? Buffer.alloc(0)
  text = (name: string): string => this.bytes(name).toString()
  /** Without blanks around it. */
  word = (name: string): string => this.text(name).trim()
  lines = (name: string): string[] => this.text(name).split('\n').filter(Boolean)
  /** Those that begin with a word: what is behind it. */
  under = (kind: string): Map<string, string> =>
    new Map(
      [...this.parts]
        .filter(([name]) => name.startsWith(`${kind} `))
        .map(([name, text]) => [name.slice(kind.length + 1), text.toString()] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    )
  /** Whether a path is there. */
  has = (path: string): boolean => this.text('there').split(' ').includes(path)
}
