import { describe, expect, it } from 'vitest'
import { recordedSettings } from '../../../postgres/settings/catalogue.ts'
import { BadValue, canonical, humanize, sameValue } from '../../../postgres/settings/value.ts'

const { settings } = await recordedSettings('15')
const of = (name: string) => settings[name]!

describe('values of settings', () => {
  it.each([
    ['shared_buffers', '1GB', '1024MB'],
    ['shared_buffers', '128 MB', 16384],
    ['work_mem', 4096, '4MB'],
    ['checkpoint_timeout', '5min', 300],
    ['checkpoint_timeout', '0.5h', '30min'],
    ['autovacuum', true, 'yes'],
    ['autovacuum', 'of', '0'],
    ['wal_level', 'LOGICAL', 'logical'],
    ['wal_level', 'hot_standby', 'replica'],
    ['synchronous_commit', true, 'on'],
    ['random_page_cost', '4', 4.0],
    ['unix_socket_permissions', '0777', 511],
    ['log_timezone', 'etc/utc', 'Etc/UTC'],
    ['listen_addresses', 'a, b', 'a,b'],
    ['max_connections', '0x10', 16],
  ])('%s: %s is %s', (name, one, other) => {
    expect(sameValue(of(name), one, other)).toBe(true)
  })

  it.each([
    ['cluster_name', 'A', 'a'],
    ['search_path', 'a, b', 'a,b'],
    ['work_mem', '4MB', '4kB'],
  ])('%s: %s is not %s', (name, one, other) => {
    expect(sameValue(of(name), one, other)).toBe(false)
  })

  it.each([
    ['shared_buffers', '16 GBs', /no unit "GBs"/],
    ['shared_buffers', '1gb', /no unit "gb"/],
    ['port', '5432kB', /has no unit/],
    ['max_connections', 0, /between 1 and 262143/],
    ['checkpoint_timeout', '2d', /between 30s and 1d/],
    ['wal_level', 'minimul', /one of minimal, replica, logical/],
    ['autovacuum', 'maybe', /is a boolean/],
    ['max_connections', true, /is a number/],
    ['cluster_name', true, /put it in quotes/],
  ])('%s refuses %s', (name, value, message) => {
    expect(() => canonical(of(name), value)).toThrow(BadValue)
    expect(() => canonical(of(name), value)).toThrow(message)
  })

  it('shows a value in the largest unit that fits it whole', () => {
    expect(humanize(of('shared_buffers'), '16384')).toBe('128MB')
    expect(humanize(of('checkpoint_timeout'), '300')).toBe('5min')
    expect(humanize(of('wal_buffers'), '-1')).toBe('-1')
    expect(humanize(of('wal_level'), 'replica')).toBe('replica')
  })
})
