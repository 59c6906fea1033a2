import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { factsFrom } from '../../../runner/run/facts.ts'

type Facts = Record<string, unknown>
const recorded: { machine: string; parts: Record<string, string>; ansible: Facts } = JSON.parse(
  readFileSync(new URL('recorded.json', import.meta.url), 'utf8'),
)
const parts = new Map(
  Object.entries(recorded.parts).map(([name, text]) => [name, Buffer.from(text, 'base64')] as const),
)
const ours = factsFrom({ machine: recorded.machine, debArch: 'amd64', python: '3.11.2-1', parts })

/** They change while they are asked for, or hang on what runs Ansible there. */
const MOVES = /^ansible_(uptime_seconds|loadavg|mem.*|python.*|service_mgr)$/
/** Fact → what it has only there, or only here. */
const OTHERWISE: Record<string, string[]> = {
  ansible_eth0: ['speed'],
  ansible_br_lan: ['id', 'stp', 'speed'],
  ansible_port_1: ['speed'],
}
/** docs/language.md says that these are not there. */
const MISSING =
  /^(gather_subset|module_setup|ansible_(fibre_channel_wwn|hostnqn|is_chroot|iscsi_iqn|locally_reachable_ips|lvm|proc_cmdline|selinux_python_present|system_capabilities.*|userspace_.*|virtualization_tech_.*))$/

const compared = Object.keys(recorded.ansible).filter((name) => !MOVES.test(name) && !MISSING.test(name))

const less = (value: unknown, keys: readonly string[] = []): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
    : value

/** No list of these has an order that means something. */
const sorted = (name: string, value: unknown): unknown =>
  /^ansible_(interfaces|all_ipv._addresses)$/.test(name) ? (value as string[]).toSorted() : value

describe("facts are those of Ansible's setup", () => {
  it('enough of them', () => {
    expect(compared.length).toBeGreaterThan(75)
  })

  it.each(compared.filter((name) => !/^ansible_(date_time|mounts|lsb)$/.test(name)))('%s', (name) => {
    expect(sorted(name, less(ours[name], OTHERWISE[name]))).toEqual(
      sorted(name, less(recorded.ansible[name], OTHERWISE[name])),
    )
  })

  it('the clock, but for what has passed between them', () => {
    const passing = ['minute', 'second', 'time', 'epoch', 'epoch_int']
    const of = (facts: Facts) => {
      const clock = facts.ansible_date_time as Record<string, string>
      return [Object.keys(clock).sort(), less(clock, [...passing, ...Object.keys(clock).filter(isIso)])]
    }
    const isIso = (key: string) => key.startsWith('iso8601')
    expect(of(ours)).toEqual(of(recorded.ansible))
    const clock = ours.ansible_date_time as Record<string, string>
    expect(clock.iso8601).toBe(`${new Date(Number(clock.epoch) * 1000).toISOString().slice(0, 19)}Z`)
    const [hour, minute] = clock.iso8601!.slice(11, 16).split(':').map(Number) as [number, number]
    const local = (hour * 60 + minute - 210 + 1440) % 1440
    expect(clock.time!.slice(0, 5)).toBe(
      [Math.floor(local / 60), local % 60].map((part) => String(part).padStart(2, '0')).join(':'),
    )
  })

  it('mounts, but for what is written meanwhile', () => {
    const moving = ['size_available', 'block_available', 'block_used', 'inode_available', 'inode_used']
    const of = (facts: Facts) => (facts.ansible_mounts as Facts[]).map((mount) => less(mount, moving))
    expect(of(ours)).toEqual(of(recorded.ansible))
    const keys = (facts: Facts) => (facts.ansible_mounts as Facts[]).map((mount) => Object.keys(mount).sort())
    expect(keys(ours)).toEqual(keys(recorded.ansible))
  })

  it('memory, but for what is free by now', () => {
    const shape = (facts: Facts) =>
      Object.entries(facts.ansible_memory_mb as Record<string, Facts>)
        .map(([kind, found]) => [kind, ...Object.keys(found).sort()])
        .sort()
    expect(shape(ours)).toEqual(shape(recorded.ansible))
    expect(ours.ansible_memtotal_mb).toBe(recorded.ansible.ansible_memtotal_mb)
  })
})
