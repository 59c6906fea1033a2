import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Step } from '../../../contract/plan.ts'

/** @throws {Refusal} where a file is to be written in the place of a link, which its step does not allow */
export async function refuseLinks(steps: readonly Step[], host: HostReader): Promise<void> {
  const paths = [...written(steps)]
  const found = await Promise.all(paths.map((path) => host.stat(path)))
  for (const [index, stat] of found.entries())
    if (stat?.type === 'link')
      throw new Refusal(
        `${paths[index]} is a link to ${stat.target}, where play expects a file of its own`,
        'remove the link, or name the file that it leads to',
      )
}

/** Paths that are written where something may be already. */
function written(steps: readonly Step[], gone: Set<string> = new Set()): Set<string> {
  const found = new Set<string>()
  for (const step of steps) {
    if (step.do === 'remove') gone.add(step.path)
    if (step.do === 'guard') for (const path of written(step.steps, gone)) found.add(path)
    if (step.do !== 'write_file' || step.replacesLink) continue
    const isAnew = [...gone].some((path) => path === step.path || step.path.startsWith(`${path}/`))
    if (!isAnew) found.add(step.path)
  }
  return found
}
