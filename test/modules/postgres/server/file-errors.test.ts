import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { START_ERRORS } from '../../../../postgres/cluster/inspect.ts'
import { FILE_ERRORS } from '../../../../postgres/settings/catalogue.ts'
import { Scratch, VERSION } from './scratch.ts'

describe.skipIf(!VERSION)('what a real server says of its files', () => {
  let scratch: Scratch
  let conf: string
  let before: string
  beforeAll(() => {
    scratch = new Scratch('fileerrors')
    conf = join(scratch.dir, 'data/postgresql.conf')
    before = readFileSync(conf, 'utf8')
  }, 60_000)
  afterAll(() => scratch?.remove())

  it('is no error for a setting that was taken out, and waits for a restart', () => {
    writeFileSync(conf, before.replace('wal_level = logical', ''))
    expect(scratch.psql(FILE_ERRORS)).toBe('')
    expect(scratch.psql(START_ERRORS)).toBe('')
  })

  it('is no error for a setting that was changed, and waits for a restart', () => {
    writeFileSync(conf, before.replace('wal_level = logical', 'wal_level = replica'))
    expect(scratch.psql(FILE_ERRORS)).toBe('')
    expect(scratch.psql(START_ERRORS)).toBe('')
  })

  it('names the line of an error', () => {
    writeFileSync(conf, `${before}work_mem = lots\n`)
    expect(scratch.psql(FILE_ERRORS)).toMatch(/postgresql\.conf\|\d+\|work_mem: setting could not be applied/)
    expect(scratch.psql(START_ERRORS)).toMatch(/postgresql\.conf:\d+: work_mem: setting could not be applied/)
  })
})
