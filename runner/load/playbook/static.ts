import { PlayError, type Pos } from '../../errors.ts'
import { compileTemplate } from '../template.ts'
import type { Context } from './context.ts'
import { isTemplate } from './fields.ts'

/** The path of an import, which is read before any host's variables are known: only -e may fill its {{ }}. */
export function renderStatic(text: string, pos: Pos, what: string, context: Context): string | undefined {
  if (!isTemplate(text)) return text
  return context.diagnostics.collect(() => {
    const template = compileTemplate(text, pos)
    const missing = template.roots.find((root) => !Object.hasOwn(context.extraVars, root))
    if (missing === undefined) return String(template.render(context.extraVars))
    throw new PlayError('variable', `${what} is read before ${missing} is known`, {
      pos,
      hint:
        what === 'import_tasks'
          ? `use include_tasks, or give it with -e ${missing}=…`
          : `give it with -e ${missing}=…`,
    })
  })
}
