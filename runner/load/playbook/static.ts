import { Unknown, UnknownError } from '../../../contract/unknown.ts'
import { PlayError, type Pos } from '../../errors.ts'
import { languageAt } from '../language.ts'
import { type Layer, makeScope, type Scope } from '../scope.ts'
import { compileTemplate, type Template } from '../template.ts'
import type { VarsAt } from '../types.ts'
import type { Context } from './context.ts'
import { isTemplate } from './fields.ts'

/**
 * What an import names, which is read before anything of a host is known: its {{ }} may use what -e, the play and the role say.
 * What is wrong is collected.
 */
export function renderStatic(text: string, pos: Pos, what: string, context: Context): string | undefined {
  if (!isTemplate(text)) return text
  return context.diagnostics.collect(() => {
    const template = compileTemplate(text, pos)
    const scope = scopeOf(context)
    const missing = template.roots.find((root) => !(root in scope))
    if (missing === undefined) return renderNow(template, scope, what)
    const tooEarly = new PlayError('variable', `${what} is read before ${missing} is known`, {
      pos,
      hint:
        what === 'import_tasks'
          ? `use include_tasks, or give it with -e ${missing}=…`
          : `give it with -e ${missing}=…`,
    })
    if (languageAt(() => pos) !== 'jinja') throw tooEarly
    // Jinja has many ways to ask for what may not be there.
    try {
      return renderNow(template, scope, what)
    } catch {
      throw tooEarly
    }
  })
}

/** @throws {PlayError} where the run would have to ask a program */
function renderNow(template: Template, scope: Scope, what: string): string {
  const found = unknownIn(() => template.render(scope))
  if (!(found instanceof Unknown)) return String(found)
  throw new PlayError('variable', `${what} is read before the run begins, and ${found.why}`, {
    pos: template.pos,
    hint:
      what === 'import_tasks'
        ? 'use include_tasks, or a variable that -e can give'
        : 'use a variable that -e can give',
  })
}

function unknownIn(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    if (error instanceof UnknownError) return new Unknown(error.message)
    throw error
  }
}

function scopeOf({ extraVars, playVars, playDir, dir, role }: Context): Scope {
  const magic = {
    playbook_dir: playVars || role ? playDir : dir,
    ...(role ? { role_path: role.path, role_name: role.name } : {}),
  }
  return makeScope([
    ...(role?.defaults ?? []).map(layerOf),
    ...(playVars ? [layerOf({ vars: playVars.value, at: playVars })] : []),
    ...[...(role?.vars ?? []), ...(role?.params ?? [])].map(layerOf),
    { vars: extraVars, data: false },
    { vars: magic, data: true },
  ])
}

const layerOf = ({ vars, at }: VarsAt): Layer => ({ vars, data: false, locate: (name) => at?.locate([name]) })
