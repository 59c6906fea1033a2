import { Chalk } from 'chalk'
import { describe, expect, it } from 'vitest'
import { Masker } from '../../../../runner/report/mask.ts'
import { columns } from '../../../../runner/status/show/columns.ts'
import { maskedReport, statusReport } from '../../../../runner/status/show/report.ts'
import { statusLines, statusText } from '../../../../runner/status/show/text.ts'
import { compared, GOOD, slot } from '../looks.ts'

const plain = new Chalk({ level: 0 })
const lines = (...otherwise: Parameters<typeof compared>) =>
  statusLines(statusReport(compared(...otherwise)), plain)
const written: string[] = []
const output = { write: (text: string) => void written.push(text) } as never

describe('the table', () => {
  it('shows each cluster, and under it what it publishes and subscribes to', () => {
    expect(lines().join('\n')).toBe(`\
CLUSTER                  ROLE     VERSION  UPSTREAM  SLOT          LAG       STATE
vm1 15/main              primary  15.18                                      running
  publication test_pub                                                       test
  subscription from_vm2                    vm2       vm1_from_vm2  0 B, 0 s  ready
vm2 15/main              primary  15.18                                      running
  publication test_pub                                                       test2
  subscription from_vm1                    vm1       vm2_from_vm1  0 B, 0 s  ready
vm3 15/main              primary  15.18                                      running
  subscription from_vm1                    vm1       vm3_from_vm1  0 B, 0 s  ready
  subscription from_vm2                    vm2       vm3_from_vm2  0 B, 0 s  ready
vm4 15/main              standby  15.18    vm3       vm4           0 B, 0 s  streaming

4 clusters, as the inventory wants them`)
  })

  it('puts what is wanted beside what differs, and says below what it is and what to do', () => {
    const [one, two] = GOOD.vm3!.subscriptions
    const text = lines({
      vm1: { slots: [slot('vm2_from_vm1'), slot('vm3_from_vm1', { active: false, retained: 4096 })] },
      vm2: { state: 'unreachable', why: 'no answer', hint: 'look' },
      vm3: { subscriptions: [{ ...one!, enabled: false, pid: null }, two!] },
      vm4: { recovery: false, standby: null, subscriptions: [] },
    })
    expect(text.map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      'CLUSTER  ROLE  VERSION  UPSTREAM  SLOT  LAG  STATE',
      'vm1 15/main  primary  15.18  running',
      '  publication test_pub  test',
      '  subscription from_vm2  vm2  vm1_from_vm2  ?  ready',
      '  slot vm3_from_vm1  inactive, holds 4 kB → active',
      'vm2 15/main  ? → primary  ?  unreachable → running',
      'vm3 15/main  primary  15.18  running',
      '  subscription from_vm1  vm1  vm3_from_vm1  0 B, ?  disabled → ready',
      '  subscription from_vm2  vm2  vm3_from_vm2  ?  ready',
      'vm4 15/main  primary → standby  15.18  none → vm3  none → vm4  running → streaming',
      '  publication of_vm3  all tables',
      '',
      'differs  vm1: slot vm3_from_vm1, through which vm3 streams, is inactive, and holds 4 kB of WAL back',
      '  hint: Look at vm3: its log says why.',
      'differs  vm2: no answer',
      '  hint: look',
      'differs  vm3: subscription from_vm1 is disabled',
      '  hint: Enable it with pg_subscription.',
      'differs  vm4: it is a primary, and the inventory wants a standby of vm3',
      '  hint: Was it promoted? pg_basebackup rebuilds it, and refuses to lose data.',
      'warning  vm4: publication of_vm3 holds public.odd without a replica identity: UPDATE and DELETE fail there',
      '  hint: Give each a primary key, or ALTER TABLE … REPLICA IDENTITY FULL.',
      '',
      '4 differences and 1 warning on 4 of 4 clusters; found → wanted',
    ])
  })

  it('keeps its columns under wide characters, and lets no host move the cursor', () => {
    const rows = [['漢字', 'x'].map((text) => ({ text })), ['abcde', 'y'].map((text) => ({ text }))]
    expect(columns(rows, (text) => text)).toEqual(['漢字   x', 'abcde  y'])
    const evil = lines({ vm1: { state: 'unreadable', why: 'a\u001b[2Jb\nc' } }).join('\n')
    expect(evil).toContain('a\\e[2Jb\\nc')
  })
})

describe('secrets', () => {
  const masker = new Masker()
  for (const secret of ['sesame', 'primary', 'found', '2', '0', 'public.test']) masker.add(secret)
  const mask = (text: string) => masker.mask(text)

  it('are hidden in names and messages, and hide no word of play itself', () => {
    const seen = compared({ vm1: { state: 'unreadable', why: 'the password is sesame' } })
    const report = maskedReport(statusReport(seen), mask)
    expect(JSON.stringify(report)).not.toMatch(/sesame|public\.test/)
    expect(report.exit_code).toBe(2)
    expect(report.clusters[0]!.findings).toEqual([{ kind: 'difference', what: 'the password is ********' }])
    expect(statusLines(report, plain)).toContain(
      '  subscription from_vm1                        vm1       vm2_from_vm1  ?         ready',
    )
    expect(report.clusters[1]!.found.subscriptions[0]!.tables).toEqual({ '********': 'r' })
  })
})

describe('--watch', () => {
  const report = statusReport(compared({ vm4: null }))

  it('draws over the last table on a terminal, and cuts what has no room there', () => {
    written.length = 0
    const show = statusText(output, { color: false, watch: 5, terminal: { rows: 6, columns: 100 } })
    show(report)
    show(report)
    const drawn = written.map((text) => text.replaceAll('\u001b', '^').split('\n'))
    expect(drawn[0]![0]).toMatch(
      /^\^\[2J\^\[Hevery 5 s: \d{4}-.*Z: 3 clusters, as the inventory wants them\^\[K$/,
    )
    expect(drawn[1]![0]).toMatch(/^\^\[Hevery/)
    expect(drawn[1]).toHaveLength(6)
    expect(drawn[1]!.slice(-2)).toEqual(['… 9 more lines^[K', '^[J'])
  })

  it('prints one table after another where it is no terminal', () => {
    written.length = 0
    const show = statusText(output, { color: false, watch: 5 })
    show(report)
    show(report)
    expect(written.join('').match(/^every 5 s: /gm)).toHaveLength(2)
    expect(written.join('')).not.toContain('\u001b')
  })
})
