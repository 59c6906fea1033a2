import { expect, it } from 'vitest'
import { hostsEntryModule } from '../../../modules/system/hosts-entry.ts'
import { fakeHost } from '../../support/fake-host.ts'

const FILE = '127.0.0.1 localhost\n127.0.1.1 db1.example db1 # by the installer\n10.0.0.9 old'
const planned = async (content: string | null, given: object) => {
  const host = fakeHost({ files: content === null ? {} : { '/etc/hosts': content } })
  const params = hostsEntryModule.params.parse(given)
  const { steps, changes } = hostsEntryModule.plan(await hostsEntryModule.inspect(host, params), params)
  const [step] = steps
  return { changes, text: step?.do === 'write_file' ? step.content : undefined }
}

it('adds a line at the end, and keeps every other', async () => {
  const { text, changes } = await planned(FILE, { address: '10.0.0.12', names: ['db2', 'db2.example'] })
  expect(text).toBe(`${FILE}\n10.0.0.12\tdb2 db2.example\n`)
  expect(changes).toEqual([{ path: '/etc/hosts 10.0.0.12 db2 db2.example', before: null, after: 'present' }])
  expect(await planned(String(text), { address: '10.0.0.12', names: ['db2'] })).toEqual({ changes: [] })
  expect((await planned(null, { address: '::1', names: ['me'] })).text).toBe('::1\tme\n')
})

it('is refused where another line says that the name leads elsewhere', async () => {
  await expect(planned(FILE, { address: '10.0.0.11', names: ['db1'] })).rejects.toThrow(
    /line 2 of \/etc\/hosts says that db1 leads to 127\.0\.1\.1/,
  )
})

it('knows a name in any case, as the resolver does', async () => {
  await expect(planned(FILE, { address: '10.0.0.11', names: ['DB1'] })).rejects.toThrow(
    'line 2 of /etc/hosts says that DB1 leads to 127.0.1.1',
  )
  expect(await planned(FILE, { address: '10.0.0.9', names: ['Old'] })).toEqual({ changes: [] })
  expect((await planned(FILE, { state: 'absent', address: '10.0.0.9', names: ['OLD'] })).text).toBe(
    '127.0.0.1 localhost\n127.0.1.1 db1.example db1 # by the installer',
  )
})

it('takes away these names alone', async () => {
  const absent = { state: 'absent', address: '127.0.1.1' }
  expect((await planned(FILE, { ...absent, names: ['db1'] })).text).toBe(
    '127.0.0.1 localhost\n127.0.1.1\tdb1.example # by the installer\n10.0.0.9 old',
  )
  expect((await planned(FILE, { ...absent, names: ['db1', 'db1.example'] })).text).toBe(
    '127.0.0.1 localhost\n10.0.0.9 old',
  )
  expect((await planned(FILE, { ...absent, names: ['db7'] })).text).toBeUndefined()
})

it('takes addresses and names, nothing that ends a line', () => {
  const wrong = (given: object) => hostsEntryModule.params.safeParse(given).success
  expect(wrong({ address: 'db1', names: ['db1'] })).toBe(false)
  expect(wrong({ address: '10.0.0.1', names: ['a\nb'] })).toBe(false)
  expect(wrong({ address: '10.0.0.1', names: ['a # b'] })).toBe(false)
  expect(wrong({ address: '10.0.0.1', names: [] })).toBe(false)
})

it('knows an address in each of its spellings', async () => {
  const file = '::1 me\n2001:db8::1 db\n'
  expect(await planned(file, { address: '0:0:0:0:0:0:0:1', names: ['me'] })).toEqual({ changes: [] })
  expect(await planned(file, { address: '2001:DB8:0::1', names: ['db'] })).toEqual({ changes: [] })
  const absent = { state: 'absent', address: '2001:0db8:0:0:0:0:0:1', names: ['db'] }
  expect((await planned(file, absent)).text).toBe('::1 me\n')
})
