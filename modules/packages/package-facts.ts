import * as z from 'zod'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, list, param, text } from '../../contract/params.ts'
import { packageKey } from '../../contract/shared-facts.ts'
import { unknown } from '../../contract/unknown.ts'

const params = z.strictObject({
  manager: param(list(choice('auto', 'apt')).default(['auto']), 'Only dpkg is asked, which `apt` is for.'),
  strategy: param(text().default('first'), 'Taken, and of no effect: there is one manager.'),
})
type Params = z.infer<typeof params>

interface Installed {
  name: string
  version: string
  arch: unknown
  source: 'apt'
}
/** By name; of several architectures each. */
type Packages = Record<string, Installed[]>

export const packageFactsModule = defineModule<Params, Packages>({
  name: 'package_facts',
  summary: 'Tells which packages are installed, as `ansible_facts.packages`; changes nothing',
  changesNothing: () => true,
  gathersFacts: true,
  params,
  inspect,
  plan: () => ({ changes: [], steps: [] }),
  result: ({ state }) => ({ ansible_facts: { packages: state } }),
})

/** With what earlier tasks of a check install and remove. */
async function inspect(host: HostReader): Promise<Packages> {
  const found: Packages = {}
  for (const { name, architecture, status, version } of await host.packages('all')) {
    if (status !== 'installed' && !status.startsWith('triggers-')) continue
    found[name] = [...(found[name] ?? []), { name, version, arch: architecture, source: 'apt' }]
  }
  for (const { key, value } of host.predictions(packageKey.under())) {
    const { name } = key
    const arch = found[name]?.[0]?.arch ?? unknown('the package is only planned so far')
    if (value.version === null) delete found[name]
    else found[name] = [{ name, version: value.version, arch, source: 'apt' }]
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}
