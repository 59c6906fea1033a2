import type { HostReader } from '../../contract/host.ts'
import { clusterKey } from './key.ts'

const FOLDER = '/etc/postgresql'

/** The clusters of a host, as `15/main`: those that have a configuration, or are planned to. */
export async function listClusters(host: HostReader): Promise<string[]> {
  const versions = ((await host.list(FOLDER)) ?? []).filter((version) => /^\d/.test(version))
  const found = await Promise.all(
    versions.map(async (version) => {
      const names = (await host.list(`${FOLDER}/${version}`)) ?? []
      const confs = await Promise.all(
        names.map((name) => host.stat(`${FOLDER}/${version}/${name}/postgresql.conf`)),
      )
      return names.filter((_, index) => confs[index]).map((name) => `${version}/${name}`)
    }),
  )
  const all = new Set(found.flat())
  for (const { key, value } of host.predictions(clusterKey.under())) {
    const name = key.parts.join('/')
    value ? all.add(name) : all.delete(name)
  }
  return [...all].sort()
}
