import { expect, it } from 'vitest'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { notStartable } from '../../../postgres/conf/startable.ts'
import { fakeHost } from '../../support/fake-host.ts'

const cluster = {
  version: '15',
  name: 'main',
  port: 5432,
  running: true,
  dataDir: '/var/lib/postgresql/15/main',
} as Cluster
const LISTENING = '   0: 0100007F:1538 00000000:0000 0A 00000000:00000000\n'
const files = {
  '/var/run/postgresql': { type: 'directory', owner: 'postgres' },
  '/srv/closed': { type: 'directory' },
  '/srv/open': { type: 'directory' },
  '/srv/file': '',
  '/srv/key.pem': '',
  '/proc/net/tcp': LISTENING,
  '/proc/meminfo': 'HugePages_Total:       0\n',
} as const
const reads = {
  'ip -o addr show':
    '2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0\n3: x    inet6 fd00::5/64 scope\n',
  'test -w /srv/open': '',
  'test -w /srv/closed': { code: 1 },
  'test -r /srv/key.pem': { code: 1 },
}
const ask = (name: string, value: string) =>
  notStartable(fakeHost({ files, reads }), cluster, { [name]: value })

it.each([
  ['unix_socket_directories', '/var/run/postgresql, /nowhere', /there is no folder \/nowhere/],
  ['unix_socket_directories', '/srv/closed', /may not write to \/srv\/closed/],
  ['unix_socket_directories', '/srv/file', /no folder/],
  ['listen_addresses', '10.0.0.6,fd00::6', /it has 10\.0\.0\.5, fd00::5/],
  ['port', '5432x', undefined],
  ['Port', '5432', undefined],
  ['port', '5433', undefined],
  ['huge_pages', 'on', /no huge pages/],
  ['ssl_cert_file', 'server.crt', /no file \/var\/lib\/postgresql\/15\/main\/server\.crt/],
  ['ssl_key_file', '/srv/key.pem', /may not read/],
  ['unix_socket_directories', '/srv/open,@abstract', undefined],
  ['listen_addresses', '10.0.0.6, 10.0.0.5', undefined],
  ['listen_addresses', 'db.example, 10.0.0.6', undefined],
  ['listen_addresses', '*', undefined],
  ['listen_addresses', '', undefined],
  ['huge_pages', 'try', undefined],
  ['ssl_ca_file', '', undefined],
  ['work_mem', '4MB', undefined],
])('%s = %j', async (name, value, complaint) => {
  const found = await ask(name, value)
  if (complaint === undefined) expect(found).toEqual([])
  else expect(found).toEqual([expect.stringMatching(complaint)])
})

it('names a port that somebody else listens on', async () => {
  const elsewhere = { ...cluster, port: 6000 }
  expect(await notStartable(fakeHost({ files }), elsewhere, { port: '5432' })).toEqual([
    'port = 5432: something else listens on port 5432',
  ])
})
