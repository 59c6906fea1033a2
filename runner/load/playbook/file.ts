import { resolve } from 'node:path'
import type { Pos } from '../../errors.ts'
import type { Located, Play } from '../types.ts'
import { isMapping, readYaml, within } from '../yaml.ts'
import { checkKeywords } from './check-keywords.ts'
import { type Context, inFile, type Mapping } from './context.ts'
import { describe } from './describe.ts'
import { Fields } from './fields.ts'
import { overlay, union } from './inherit.ts'
import { IMPORT_PLAYBOOK_KEYWORDS, unqualified } from './keywords.ts'
import { mayRead } from './nesting.ts'
import { readPlay } from './play.ts'
import { withShipped } from './shipped.ts'
import { renderStatic } from './static.ts'

/** The plays of a file, in order, with those of the playbooks it imports in place. */
export function readPlaybook(file: string, pos: Pos | undefined, context: Context): Play[] {
  if (!mayRead(file, pos, context, 'remove one of the imports')) return []
  const below = inFile(file, context)
  return context.diagnostics.collect(() => readPlays(readNamed(below.file, pos), below)) ?? []
}

function readNamed(file: string, pos: Pos | undefined): Located {
  try {
    return readYaml(file, pos)
  } catch (error) {
    throw pos ? error : withShipped(error, file)
  }
}

function readPlays(list: Located, context: Context): Play[] {
  if (!Array.isArray(list.value)) {
    context.diagnostics.add(
      'playbook',
      `a playbook is a list of plays, but this is ${describe(list.value)}`,
      {
        pos: list.locate(),
        hint: isMapping(list.value)
          ? 'start the play with "- " and indent the rest of it'
          : 'start with - hosts: all',
      },
    )
    return []
  }
  return list.value.flatMap((value, index) => {
    const at = within<Mapping>(list, index)
    if (isMapping(value))
      return importKey(value)
        ? importPlaybook(at, context)
        : [readPlay(at, { ...context, playDir: context.dir })]
    context.diagnostics.add('playbook', `a play is a mapping, but this is ${describe(value)}`, {
      pos: at.locate(),
      hint: 'write - hosts: and the rest of the play under it',
    })
    return []
  })
}

const importKey = (value: Mapping): string | undefined =>
  Object.keys(value).find((key) => unqualified(key) === 'import_playbook')

function importPlaybook(at: Located<Mapping>, context: Context): Play[] {
  const fields = new Fields(at, context.diagnostics)
  const key = importKey(at.value)!
  checkKeywords(fields, [...IMPORT_PLAYBOOK_KEYWORDS, key], 'import_playbook', context)
  const [vars, tags, when] = [fields.vars(), fields.tags(), fields.conditions('when')]
  const path = fields.text(key)
  const name =
    path === undefined ? undefined : renderStatic(path, fields.pos(key), 'import_playbook', context)
  if (name === undefined) return []
  return readPlaybook(resolve(context.dir, name), fields.pos(key), context).map((play) => ({
    ...play,
    tags: union(tags, play.tags),
    when: [...when, ...play.when],
    // Unlike elsewhere the import's variables win over those of the play, as in Ansible.
    vars: { ...play.vars, ...vars?.value },
    varsAt: overlay(play.varsAt, vars),
  }))
}
