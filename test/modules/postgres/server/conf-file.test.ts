import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConf } from '../../../../postgres/conf/conf-file.ts'
import { removeLines, setLine } from '../../../../postgres/conf/edit.ts'
import { Random } from '../../../walk/random.ts'
import { Scratch, VERSION } from './scratch.ts'

const PARTS = [
  'a',
  'B',
  '7',
  ' ',
  '"',
  "'",
  "''",
  '\\',
  '\\n',
  '\n',
  '\r',
  '\t',
  '#',
  '=',
  ',',
  'é',
  '$',
  '/',
  'kB',
  '0x',
]

describe.skipIf(!VERSION)('postgresql.conf as the server reads it', () => {
  let scratch: Scratch
  let path: string
  beforeAll(() => {
    scratch = new Scratch('conf_file')
    path = join(scratch.cluster.dataDir, 'postgresql.conf')
  }, 60_000)
  afterAll(() => scratch?.remove())

  const serverReads = (text: string): { name: string; setting: string; error: string | null }[] => {
    const own = readFileSync(path, 'utf8')
    try {
      writeFileSync(path, text)
      return JSON.parse(
        scratch.psql("select json_agg(f order by seqno) from pg_file_settings f where name like 'play.%'"),
      )
    } finally {
      writeFileSync(path, own)
    }
  }

  it('reads back values of any characters, and so do we', { timeout: 60_000 }, () => {
    const random = new Random(11)
    const values = Array.from({ length: 500 }, () =>
      Array.from({ length: random.whole(0, 6) }, () => random.one(PARTS)).join(''),
    )
    let text = readFileSync(path, 'utf8')
    for (const [index, value] of values.entries()) {
      text = setLine(text, `play.v${index}`, 'old')
      text = setLine(text, `play.v${index}`, value)
    }
    const ours = new Map(parseConf(text).map(({ name, value }) => [name, value]))
    const theirs = new Map(serverReads(text).map(({ name, setting }) => [name, setting]))
    for (const [index, value] of values.entries()) {
      expect(theirs.get(`play.v${index}`), JSON.stringify(value)).toBe(value)
      expect(ours.get(`play.v${index}`), JSON.stringify(value)).toBe(value)
    }
    const gone = values.reduce((rest, _, index) => removeLines(rest, `play.v${index}`), text)
    expect(gone).toBe(readFileSync(path, 'utf8'))
  })
})
