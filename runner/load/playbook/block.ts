import type { Block, Located } from '../types.ts'
import { within } from '../yaml.ts'
import { checkKeywords } from './check-keywords.ts'
import type { Context, Mapping } from './context.ts'
import { readEntries } from './entries.ts'
import { Fields } from './fields.ts'
import { conditionOn, readInheritable } from './inherit.ts'
import { BLOCK_KEYWORDS } from './keywords.ts'
import { readModuleDefaults } from './module-defaults.ts'

export const isBlock = (value: Mapping): boolean => Object.hasOwn(value, 'block')

export function readBlock(at: Located<Mapping>, around: Context): Block {
  const fields = new Fields(at, around.diagnostics)
  checkKeywords(fields, BLOCK_KEYWORDS, 'a block', around)
  const context = { ...around, moduleDefaults: readModuleDefaults(fields, around), ...conditionOn(fields) }
  const part = (key: string) => readEntries(within(at, key), context, key)
  return {
    kind: 'block',
    pos: at.locate(),
    file: context.file,
    dir: context.dir,
    name: fields.text('name'),
    ...readInheritable(fields),
    block: part('block'),
    rescue: part('rescue'),
    always: part('always'),
  }
}
