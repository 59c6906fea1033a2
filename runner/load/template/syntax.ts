import Handlebars from 'handlebars'
import { parseJinja } from '../jinja/parse.ts'
import { jinjaToTemplate } from '../jinja/to-template.ts'
import { Fault } from './fault.ts'

const STATEMENT =
  /\{%[-+]?\s*(if|elif|else|endif|for|endfor|set|macro|endmacro|include|import|extends|raw|endraw|block|endblock|filter|with)\b([^%]*)%?\}?/
/** Where a comment of Jinja's begins. */
const COMMENT = /(?<![${])\{#/

/** Whether a text is more than itself: it holds {{ }}, or Jinja's statements, which are an error where it is no Jinja. */
export const holdsTemplate = (text: string): boolean =>
  text.includes('{{') || (text.includes('{%') && STATEMENT.test(text))

/** @throws {Fault} at the expression that does not parse, with the spelling to use where it is Jinja's */
export function parse(text: string): hbs.AST.Program {
  refuseStatements(text)
  refuseDepth(text)
  try {
    return Handlebars.parse(text)
  } catch (error) {
    throw explain(text, error as Error)
  }
}

/** A fault's hint replaced by what to write for Jinja, if the expression at its place is one. */
export function adviseJinja(text: string, fault: Fault): Fault {
  const tag = tagsOf(text).find(({ start, end }) => start <= fault.start && fault.start < end)
  const advice = tag && (tag.kind === 'value' || tag.kind === 'open') ? writeInstead(tag) : undefined
  return advice && tag ? new Fault(NOT_JINJA, tag.start, tag.end - tag.start, advice) : fault
}

const NOT_JINJA = 'this is a Jinja expression, but {{ }} is Handlebars'

interface Tag {
  kind: 'value' | 'open' | 'else' | 'close'
  start: number
  end: number
  /** Without braces and sign. */
  inner: string
}

const LONG_COMMENT = /~?!--/y
const LONG_COMMENT_END = /--~?\}\}/g

/** Each begins where the one before has ended, and each end is looked for once: a text of braces takes no squares. */
function tagsOf(text: string): Tag[] {
  const tags: Tag[] = []
  let isLongPossible = true
  let end = 0
  for (let start = text.indexOf('{{'); start !== -1; start = text.indexOf('{{', end)) {
    LONG_COMMENT.lastIndex = start + 2
    LONG_COMMENT_END.lastIndex = start + 2
    const long = isLongPossible && LONG_COMMENT.test(text) ? LONG_COMMENT_END.exec(text) : undefined
    if (long === null) isLongPossible = false
    const close = text.indexOf('}}', start + 2)
    if (close === -1) break
    end = long ? LONG_COMMENT_END.lastIndex : text.startsWith('}}}', close) ? close + 3 : close + 2
    const body = text.slice(start + 2, close).replace(/~$/, '')
    if (long || /^~?!/.test(body) || text[start - 1] === '\\') continue
    const [, sign, inner] = /^\{?~?([#/^&>*]*)([\s\S]*)/.exec(body)!
    const isElse = /^\s*else\b/.test(inner!) || (sign === '^' && inner!.trim() === '')
    const kind = isElse ? 'else' : sign === '/' ? 'close' : /[#^]/.test(sign!) ? 'open' : 'value'
    tags.push({ kind, start, end, inner: inner!.trim() })
  }
  return tags
}

/** Blocks, `else if` and parentheses inside each other: whoever reads more of them runs out of stack. */
const MOST_DEEP = 100

const OPENING = /\{\{\{?~?[#^](?!~?\})|\{\{~?\/|\{\{~?\s*else\s+\w|\{\{|\}\}|[()]/g

function refuseDepth(text: string): void {
  if (text.length < MOST_DEEP) return
  const open: number[] = []
  let parentheses = 0
  let chained = 0
  for (const { 0: found, index } of text.matchAll(OPENING)) {
    if (found === '(') parentheses++
    else if (found === ')') parentheses--
    else if (found.endsWith('/')) chained = open.pop() ?? 0
    else if (found.includes('else')) chained++
    else if (/[#^]/.test(found)) {
      open.push(chained)
      chained = 0
    } else parentheses = 0
    if (parentheses > MOST_DEEP || open.length > MOST_DEEP || chained > MOST_DEEP)
      throw new Fault(
        `this is nested more than ${MOST_DEEP} deep`,
        index,
        found.length,
        'make variables of parts',
      )
  }
}

function refuseStatements(text: string): void {
  const statement = STATEMENT.exec(text)
  if (statement) {
    const [found, keyword, rest] = statement
    const hint = `write ${blockFor(keyword!, rest!.replace(/[-+]$/, '').trim())}; literal text: {{"{%"}} …`
    throw new Fault('{% %} is Jinja, but templates are Handlebars', statement.index, found.length, hint)
  }
  const comment = text.search(COMMENT)
  const end = comment === -1 ? -1 : text.indexOf('#}', comment + 2)
  if (end !== -1) {
    const hint = 'write {{! a comment }}; literal text: {{"{#"}} …'
    throw new Fault('{# #} is Jinja, but templates are Handlebars', comment, end + 2 - comment, hint)
  }
}

function blockFor(keyword: string, rest: string): string {
  switch (keyword) {
    case 'if':
      return jinjaToTemplate(rest, 'if') ?? '{{#if x}} … {{/if}}'
    case 'elif':
      return jinjaToTemplate(rest, 'if')?.replace('{{#', '{{else ') ?? '{{else if x}}'
    case 'else':
      return '{{else}}'
    case 'endif':
      return '{{/if}}'
    case 'for':
      return loopFor(rest)
    case 'endfor':
      return '{{/each}}'
    case 'set':
    case 'with':
      return 'the variable under vars:, or {{#with x}} … {{/with}}'
    default:
      return 'it without this statement, as a variable or a task of its own'
  }
}

/** `for k, v in x.items()` names value and key the other way round. */
function loopFor(rest: string): string {
  const [, key, value, of] = /^(\w+)(?:\s*,\s*(\w+))?\s+in\s+(\S+?)(?:\.items\(\))?$/.exec(rest) ?? []
  if (!key || !of) return '{{#each list as |item|}} … {{/each}}'
  const list = jinjaToTemplate(of, 'each')?.slice(0, -2) ?? '{{#each list'
  return `${list} as |${value ? `${value} ${key}` : key}|}} … {{/each}}`
}

function explain(text: string, error: Error): Fault {
  const tags = tagsOf(text)
  for (const tag of tags) {
    const fault = tag.kind === 'value' || tag.kind === 'open' ? faultOf(text, tag) : undefined
    if (fault) return fault
  }
  return unclosedTag(text, tags) ?? unbalanced(tags) ?? new Fault(firstSentence(error), 0, text.length)
}

function faultOf(text: string, tag: Tag): Fault | undefined {
  const source = text.slice(tag.start, tag.end)
  const alone = tag.kind === 'open' ? `{{${tag.inner.replace(/\bas\s*\|[^|]*\|$/, '')}}}` : source
  try {
    Handlebars.parse(alone)
    return undefined
  } catch {
    const write = writeInstead(tag)
    if (write) return new Fault(NOT_JINJA, tag.start, source.length, write)
    if (tag.inner === '')
      return new Fault('{{ }} is empty', tag.start, source.length, 'name a variable: {{x}}')
    const hint =
      'write {{x}}, {{x.y}}, {{list.[0]}} or {{helper x "text"}}; docs/templates.md lists the helpers'
    const message = parseJinja(tag.inner) ? NOT_JINJA : 'this is no Handlebars expression'
    return new Fault(message, tag.start, source.length, hint)
  }
}

function writeInstead({ kind, inner }: Tag): string | undefined {
  if (/^(lookup|query|q)\(/.test(inner)) return LOOKUP_HINT
  if (kind === 'value') return prefixed(jinjaToTemplate(inner), `{{${inner}}}`)
  const [, block, value] = /^(if|unless|each|with)\s+([\s\S]*)/.exec(inner) ?? []
  return block ? prefixed(jinjaToTemplate(value!, block), `{{#${inner}}}`) : undefined
}

const LOOKUP_HINT = 'templates read nothing from outside: give the value with -e name=value or in vars_files'

const prefixed = (write: string | undefined, original: string): string | undefined =>
  write === undefined || write === original ? undefined : `write ${write}`

function unclosedTag(text: string, tags: Tag[]): Fault | undefined {
  const start = text.indexOf('{{', tags.at(-1)?.end ?? 0)
  if (start === -1) return undefined
  const single = /^\{\{[^}]*\}/.test(text.slice(start))
  return new Fault(
    'this {{ is never closed',
    start,
    2,
    single ? 'close it with }}, not }' : 'close it with }}',
  )
}

function unbalanced(tags: Tag[]): Fault | undefined {
  const open: Tag[] = []
  for (const tag of tags) {
    const name = tag.inner.split(/\s/, 1)[0]!
    const innermost = open.at(-1)
    const blockName = innermost?.inner.split(/\s/, 1)[0]
    if (tag.kind === 'open') open.push(tag)
    else if (tag.kind === 'else' && !innermost)
      return at(tag, '{{else}} stands outside of a block', 'remove it')
    else if (tag.kind === 'close') {
      if (!innermost)
        return at(tag, `{{/${name}}} closes a block that is not open`, `open it with {{#${name} x}}`)
      if (blockName !== name)
        return at(tag, `{{/${name}}} cannot close {{#${blockName}}}`, `write {{/${blockName}}}`)
      open.pop()
    }
  }
  const unclosed = open.at(-1)
  if (!unclosed) return undefined
  const name = unclosed.inner.split(/\s/, 1)[0]!
  return at(unclosed, `this block {{#${name}}} is never closed`, `close it with {{/${name}}}`)
}

const at = ({ start, end }: Tag, message: string, hint: string): Fault =>
  new Fault(message, start, end - start, hint)

const firstSentence = (error: Error): string =>
  `this template does not parse: ${error.message.split('\n', 1)[0]}`
