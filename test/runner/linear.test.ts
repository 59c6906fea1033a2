import { describe, expect, test } from 'vitest'
import { quoteWord } from '../../contract/quote.ts'
import { asyncStatusModule } from '../../modules/commands/async-status/index.ts'
import { runResult } from '../../modules/commands/shared/run.ts'
import { splitWords } from '../../modules/commands/shared/words.ts'
import { bare, linesOf } from '../../modules/files/shared/edit.ts'
import { resolveMode } from '../../modules/files/shared/mode.ts'
import { parsePolicy } from '../../modules/packages/apt-available.ts'
import { readPublicKeys } from '../../modules/packages/apt-repo/openpgp.ts'
import { parseSources } from '../../modules/packages/shared/entries.ts'
import { explainApt } from '../../modules/packages/shared/explain.ts'
import { parseSimulation, parseWanted } from '../../modules/packages/shared/simulate.ts'
import { mergePassfile } from '../../modules/postgres/pg-passfile/merge.ts'
import { momentOf } from '../../modules/postgres/pg-role/valid-until.ts'
import { splitNames } from '../../modules/postgres/pg-setting/list-quoted.ts'
import { formatType, isOneType } from '../../modules/postgres/pg-table/types.ts'
import { entryOf } from '../../modules/system/sysctl/file.ts'
import { parseQualified } from '../../postgres/catalog/names.ts'
import { parseConf } from '../../postgres/conf/conf-file.ts'
import { commentOf } from '../../postgres/conf/edit.ts'
import { redact } from '../../postgres/conf/redact.ts'
import { readStartConf } from '../../postgres/conf/start-conf.ts'
import { parseConninfo } from '../../postgres/conninfo.ts'
import { parseHba } from '../../postgres/hba/parse.ts'
import { parseCommits } from '../../postgres/rewind/commits.ts'
import { parseHistory } from '../../postgres/rewind/history.ts'
import { splitStatements, wordsOf } from '../../postgres/sql/statements.ts'
import { parseControl } from '../../postgres/standby/control.ts'
import { parseFence } from '../../postgres/standby/fence.ts'
import { Diagnostics } from '../../runner/errors.ts'
import { becomeError } from '../../runner/hosts/become-errors.ts'
import { parseKnownHosts } from '../../runner/hosts/known-hosts.ts'
import { parseSshArgs } from '../../runner/hosts/ssh-args.ts'
import type { ConnectionSpec } from '../../runner/hosts/types.ts'
import { parseCel } from '../../runner/load/cel.ts'
import { compileCondition } from '../../runner/load/condition.ts'
import { parseExtraVars } from '../../runner/load/extra-vars.ts'
import { wrap } from '../../runner/load/functions/wrap.ts'
import { parseData } from '../../runner/load/inventory/plain-yaml.ts'
import { parseValue } from '../../runner/load/inventory/python-literal.ts'
import { expandHosts } from '../../runner/load/inventory/ranges.ts'
import { splitWords as splitInventoryWords } from '../../runner/load/inventory/words.ts'
import { compileJinjaCondition } from '../../runner/load/jinja/condition.ts'
import { parseJinja } from '../../runner/load/jinja/parse.ts'
import { compileJinja } from '../../runner/load/jinja/program.ts'
import { parse } from '../../runner/load/template/syntax.ts'
import { compileTemplate } from '../../runner/load/template.ts'
import { parseYaml } from '../../runner/load/yaml.ts'
import { hideSecretsIn, secretsIn } from '../../runner/report/secret-texts.ts'
import { visible } from '../../runner/report/visible.ts'
import { parseIni } from '../../runner/settings/ini.ts'
import { FEW } from './load/jinja/library.ts'

const pos = { file: '/nowhere/x', line: 1, col: 1 }

const SPEC: ConnectionSpec = {
  ...{
    name: 'x',
    kind: 'local',
    address: 'x',
    port: 22,
    user: 'x',
    privateKeyFiles: [],
    knownHostsFiles: [],
  },
  ...{ hostKeyChecking: 'yes', proxyJump: [], connectTimeout: 1 },
}

const PASS = { host: 'h', port: '5432', dbname: 'd', user: 'u', password: 'p' }

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
  'a sources list': (text) => parseSources('/etc/apt/sources.list.d/x.list', text),
  'a sources file of paragraphs': (text) => parseSources('/etc/apt/sources.list.d/x.sources', text),
  'a fence': parseFence,
  pg_waldump: parseCommits,
  'a package name': parseWanted,
  Jinja: parseJinja,
  'a template of Jinja': (text) => compileJinja(text, { library: FEW }),
  'a condition of Jinja': (text) => compileJinjaCondition(text, { library: FEW }),
  CEL: parseCel,
  'a template of Handlebars': parse,
  'an inventory in YAML': (text) => parseData(pos.file, text),
  'a line of an INI inventory': (text) => splitInventoryWords(text, () => pos),
  'words of SQL': (text) => [...wordsOf(text)],
  'an armoured key': (text) => readPublicKeys(Buffer.from(text), pos.file),
  'the type of a column': (text) => isOneType(text) && formatType(text),
  'a moment': momentOf,
  'a mode': (text) => resolveMode(text, '0644', false),
  'hosts by a range': (text) => expandHosts(text, () => pos),
  'a passfile': (text) => mergePassfile(text, [PASS], true),
  'what apt-get complains of': explainApt,
  'what a command says': (text) =>
    runResult({}, { stdin_add_newline: true, strip_empty_ends: true }, 'x', [
      { code: 0, stdout: text, stderr: text, seconds: 1 },
    ]),
  'what a job says': (text) =>
    asyncStatusModule.result!({
      state: { folder: '/x', code: 0, stdout: text, stderr: text, seconds: 1 },
      params: { jid: 'j1', mode: 'status' },
      plan: { changes: [], steps: [] },
      outputs: null,
    }),
  'lines of a file': (text) => linesOf(text).map(bare),
  'a line of sysctl.conf': entryOf,
  'the comment behind a setting': commentOf,
  'passwords in a setting': redact,
  'settings of play': (text) => parseIni(pos.file, text, new Diagnostics()),
  'what sudo says': (text) => becomeError(SPEC, 'bob', text, { code: 1 }),
  'a line that is wrapped': (text) => wrap(text, 80, true, true),
  'secrets in a text': (text) => [hideSecretsIn(text), hideSecretsIn(text, { file: true }), secretsIn(text)],
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
    '\r',
    '- ',
    '[ ',
    'a::// ',
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

let made = 0

/** ms of processor time that so many runs take together. Each text is new: what was read is remembered by some. */
function time(read: (text: string) => unknown, start: string, runs: number): number {
  const texts = Array.from({ length: runs }, () => {
    made += 1
    return start + made
  })
  const before = process.cpuUsage()
  for (const text of texts)
    try {
      read(text)
    } catch {
      // Refused is as good as read.
    }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Where a text of this size takes so few ms, its double is no danger. */
const FLOOR = 40
const SIZE = 10_000
/** Of the whole's time to that of a quarter of it: four where it is linear, sixteen where it is squares. */
const STEEP = 9

describe('four times the text takes about four times the time', () => {
  test.each(Object.entries(READERS))(
    '%s',
    (_, read) => {
      const slow: string[] = []
      for (const [before, behind] of AROUND)
        for (const unit of UNITS) {
          const text = (size: number) => before + unit.repeat(size / unit.length) + behind
          if (time(read, text(SIZE), 1) < FLOOR) continue
          // What else the machine does comes and goes. Four quarters together leave as much garbage as the whole.
          let ratio = Infinity
          for (let n = 0; n < 6 && ratio > STEEP; n++)
            ratio = Math.min(ratio, time(read, text(SIZE), 1) / (time(read, text(SIZE / 4), 4) / 4))
          if (ratio > STEEP) slow.push(`${JSON.stringify(before + unit)}…: ${ratio.toFixed(1)} times`)
        }
      expect(slow).toEqual([])
    },
    120_000,
  )

  test('squares are seen', () => {
    const squares = (text: string) => {
      let count = 0
      for (let at = 0; at < text.length; at++) count += text.slice(at).indexOf('\0')
      return count
    }
    const at = (size: number) => time(squares, 'a'.repeat(size), 3)
    // What else the machine does weighs on the shorter one more.
    let ratio = 0
    for (let n = 0; n < 6 && ratio <= STEEP; n++) ratio = Math.max(ratio, at(SIZE * 8) / at(SIZE * 2))
    expect(ratio).toBeGreaterThan(STEEP)
  })
})
