import { expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { freePort } from '../../../postgres/cluster/ports.ts'
import { fakeHost } from '../../support/fake-host.ts'

const FOLDER = '/etc/postgresql/15/main'
const MAIN = `data_directory = '/d'\nport = 5432\ninclude_dir 'conf.d'\n`

it.each([
  ['conf.d', { [`${FOLDER}/conf.d/switched.conf`]: 'port = 5433\n' }],
  ['ALTER SYSTEM', { '/d/postgresql.auto.conf': "port = '5433'\n" }],
])('the port of another cluster is what its last file says: %s', async (_, files) => {
  const host = fakeHost({ files: { [`${FOLDER}/postgresql.conf`]: MAIN, ...files } })
  expect(await freePort(host, 5432, '15/next')).toBe(5432)
  await expect(freePort(host, 5433, '15/next')).rejects.toThrow(
    'port 5433 on host belongs to cluster 15/main',
  )
})

it('a cluster that is only planned has its port already', async () => {
  const planned = { version: '15', name: 'main', port: 5440 } as never
  const host = fakeHost({ facts: [predict(clusterKey('15', 'main'), planned)] })
  await expect(freePort(host, 5440, '15/next')).rejects.toThrow('belongs to cluster 15/main')
})

it('a cluster that is planned to stop has the port that its files give it then', async () => {
  const stopped = { version: '15', name: 'main', port: 5432, running: false } as never
  const files = { [`${FOLDER}/postgresql.conf`]: MAIN, [`${FOLDER}/conf.d/switched.conf`]: 'port = 5433\n' }
  const host = fakeHost({ files, facts: [predict(clusterKey('15', 'main'), stopped)] })
  expect(await freePort(host, 5432, '17/main')).toBe(5432)
  await expect(freePort(host, 5433, '17/main')).rejects.toThrow('belongs to cluster 15/main')
})
