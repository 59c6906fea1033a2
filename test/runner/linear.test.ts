import { describe, expect, test } from 'vitest'
import { quoteWord } from '../../contract/quote.ts'
import { splitWords } from '../../modules/commands/shared/words.ts'
import { parsePolicy } from '../../modules/packages/apt-available.ts'
import { parseSimulation } from '../../modules/packages/shared/simulate.ts'
import { splitNames } from '../../modules/postgres/pg-setting/list-quoted.ts'
import { parseQualified } from '../../postgres/catalog/names.ts'
import { parseConf } from '../../postgres/conf/conf-file.ts'
import { readStartConf } from '../../postgres/conf/start-conf.ts'
import { parseConninfo } from '../../postgres/conninfo.ts'
import { parseHba } from '../../postgres/hba/parse.ts'
import { parseHistory } from '../../postgres/rewind/history.ts'
import { splitStatements } from '../../postgres/sql/statements.ts'
import { parseControl } from '../../postgres/standby/control.ts'
import { parseKnownHosts } from '../../runner/hosts/known-hosts.ts'
import { parseSshArgs } from '../../runner/hosts/ssh-args.ts'
import { compileCondition } from '../../runner/load/condition.ts'
import { parseExtraVars } from '../../runner/load/extra-vars.ts'
import { parseValue } from '../../runner/load/inventory/python-literal.ts'
import { compileTemplate } from '../../runner/load/template.ts'
import { parseYaml } from '../../runner/load/yaml.ts'
import { visible } from '../../runner/report/visible.ts'

const pos = { file: '/nowhere/x', line: 1, col: 1 }

/** Whatever reads text that somebody else may write: a file of a host, its output, the user's own files. */
const READERS: Record<string, (text: string) => unknown> = {
  'postgresql.conf': parseConf,
  'start.conf': readStartConf,
  'pg_hba.conf': (text) => parseHba(text, 15),
  conninfo: parseConninfo,
  'a qualified name': parseQualified,
  pg_controldata: parseControl,
  'a timeline history': parseHistory,
  'apt-get --simulate': parseSimulation,
  'apt-cache policy': parsePolicy,
  'statements of SQL': splitStatements,
  'a list of names': splitNames,
  'words of a command': splitWords,
  'a quoted word': quoteWord,
  YAML: (text) => parseYaml(pos.file, text),
  '-e': (text) => parseExtraVars([text]),
  'a value of an INI inventory': parseValue,
  ansible_ssh_args: parseSshArgs,
  known_hosts: (text) => parseKnownHosts(text, pos.file),
  'a template': (text) => compileTemplate(text, pos),
  'a condition': (text) => compileCondition({ text, pos }),
  'what is shown': visible,
}

const UNITS = [
  ...[' ', '\t', '\n', '\\', '\\\n', "'", "''", '"', '#', ',', '$', '.', '|', '%', '!', '=', '{', '[', '('],
  ...[
    'a',
    'a ',
    'a=',
    "a='",
    'a.',
    'a: ',
    '\n- ',
    '"a" ',
    '{{',
    '}}',
    '{{!--',
    '{{ x ',
    '{{x}}',
    '{#',
    '{%',
    '--',
    '/* ',
  ],
]
const AROUND: [before: string, behind: string][] = [
  ['', ''],
  ['a', "'x"],
  ["a='", 'x'],
  ['a: ', '\nb'],
  ['{{ ', ' }}'],
]

/** ms of processor time, the best of some. */
function time(read: (text: string) => unknown, text: string, tries: number): number {
  let best = Infinity
  for (let n = 0; n < tries; n++) {
    const before = process.cpuUsage()
    try {
      read(text)
    } catch {
      // Refused is as good as read.
    }
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

/** Where a text of this size takes so few ms, its double is no danger. */
const FLOOR = 40
const SIZE = 10_000

describe('twice the text takes about twice the time', () => {
  test.each(Object.entries(READERS))(
    '%s',
    (_, read) => {
      const slow: string[] = []
      for (const [before, behind] of AROUND)
        for (const unit of UNITS) {
          const text = (size: number) => before + unit.repeat(size / unit.length) + behind
          if (time(read, text(SIZE), 1) < FLOOR || time(read, text(SIZE), 3) < FLOOR) continue
          // Four times is what squares take, each time; what else the machine does comes and goes.
          let ratio = Infinity
          for (let n = 0; n < 5 && ratio > 3.2; n++)
            ratio = Math.min(ratio, time(read, text(2 * SIZE), 3) / time(read, text(SIZE), 3))
          if (ratio > 3.2) slow.push(`${JSON.stringify(before + unit)}…: ${ratio.toFixed(1)} times`)
        }
      expect(slow).toEqual([])
    },
    120_000,
  )
})
