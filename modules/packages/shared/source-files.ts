import { textOf } from '../../../contract/bytes.ts'
import type { HostReader } from '../../../contract/host.ts'

export const SOURCES = '/etc/apt/sources.list.d'

/** A file of apt's sources. */
export interface SourceFile {
  path: string
  text: string
}

/** All that apt reads, in any order: it passes over files with other names (sources.list(5)). */
export async function sourceFiles(host: HostReader): Promise<SourceFile[]> {
  const names = ((await host.list(SOURCES)) ?? []).filter((name) => /^[\w.-]+\.(list|sources)$/.test(name))
  const paths = ['/etc/apt/sources.list', ...names.map((name) => `${SOURCES}/${name}`)]
  const contents = await Promise.all(paths.map((path) => host.readFile(path)))
  return paths.flatMap((path, at) => {
    const content = contents[at]
    return content ? [{ path, text: textOf(content) }] : []
  })
}
