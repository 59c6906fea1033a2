import type * as z from 'zod'
import type { Module, ParamMeta } from './module.ts'

const shapes = new WeakMap<z.ZodType, Map<string, { meta: ParamMeta | undefined; schema: z.ZodType }>>()

/** The parameters of a schema with their meta, also inside unions and pipes. */
export function parameters(
  schema: z.ZodType,
): Map<string, { meta: ParamMeta | undefined; schema: z.ZodType }> {
  const known = shapes.get(schema)
  if (known) return known
  const found = new Map<string, { meta: ParamMeta | undefined; schema: z.ZodType }>()
  const visit = (node: any): void => {
    const def = node?._zod?.def
    if (!def) return
    if (def.type === 'object')
      for (const [name, inner] of Object.entries(def.shape))
        found.set(name, { meta: metaOf(inner), schema: inner as z.ZodType })
    else if (def.type === 'union') def.options.forEach(visit)
    else if (def.type === 'pipe') [def.in, def.out].forEach(visit)
    else if (def.innerType) visit(def.innerType)
    else if (def.type === 'intersection') [def.left, def.right].forEach(visit)
  }
  visit(schema)
  shapes.set(schema, found)
  return found
}

const cel = new WeakMap<Module, ReadonlyMap<string, 'conditions' | 'expression'>>()

/** The arguments that hold CEL, by their names. */
export function celParameters(module: Module): ReadonlyMap<string, 'conditions' | 'expression'> {
  const known = cel.get(module)
  if (known) return known
  const found = new Map(
    [...parameters(module.params)].flatMap(([name, { meta }]) => (meta?.holds ? [[name, meta.holds]] : [])),
  )
  cel.set(module, found)
  return found
}

/** What is said of a schema, and of what it wraps; the outermost that says something counts. */
function metaOf(node: any): ParamMeta | undefined {
  const said = wrapped(node).flatMap((at) => at.meta?.() ?? [])
  return said.length === 0 ? undefined : Object.assign({}, ...said.reverse())
}

/** A schema, and those inside its `optional`, `default`, `transform` and the like, from the outside in. */
export function wrapped(schema: any): any[] {
  const layers = []
  for (let at = schema; at; at = innerOf(at)) layers.push(at)
  return layers
}

/** What goes before a schema to make one value of several spellings describes nothing; what comes behind it does not either. */
function innerOf({ _zod: { def } }: any): any {
  if (def.innerType) return def.innerType
  return def.in?._zod.def.type === 'transform' ? def.out : def.in
}

/** Other accepted spellings become the name of the schema. */
export function canonical(args: Record<string, unknown>, schema: z.ZodType): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(args)) out[canonicalName(key, schema)] = value
  return out
}

/** What the schema calls a parameter; the word itself where it is no spelling of any. */
export function canonicalName(key: string, schema: z.ZodType): string {
  const known = parameters(schema)
  if (known.has(key)) return key
  return [...known].find(([, { meta }]) => meta?.aliases?.includes(key))?.[0] ?? key
}

/** What a list's schema holds, under its optional and default wrappers. */
export function elementOf(schema: any): z.ZodType {
  return wrapped(schema).find((at) => at._zod.def.element)?._zod.def.element ?? schema
}
