import type * as z from 'zod'
import { nonEmpty } from '../../contract/params.ts'
import { whyNoExpression } from './statements.ts'

/** For superRefine: SQL of the user's that stands inside a statement of ours is one expression, which cannot end it. */
export function requireExpression(text: string, context: z.RefinementCtx): void {
  const why = whyNoExpression(text)
  if (why !== undefined)
    context.addIssue({ code: 'custom', message: `expected one SQL expression, but it has ${why}` })
}

export const expression = nonEmpty().superRefine(requireExpression)
