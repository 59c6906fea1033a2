import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { defineModule } from '../../contract/module.ts'
import { param, text } from '../../contract/params.ts'
import { PatternFault, PythonRegex } from '../../contract/regex/index.ts'
import {
  counted,
  type Edited,
  type EditState,
  editParams,
  editResult,
  inspectEdit,
  pattern,
  planEdit,
} from './shared/edit.ts'

const params = z.strictObject({
  ...editParams,
  regexp: param(pattern(), 'What to replace, wherever it fits; `^` and `$` are the ends of lines.', {
    example: '^#(Port 22)$',
  }),
  replace: param(text().default(''), 'What comes in its place; `\\1` and the like are groups of `regexp`.', {
    example: '\\1',
  }),
  after: param(pattern().optional(), 'Only what stands behind the first place that this fits.', {
    unset: 'from the beginning',
  }),
  before: param(pattern().optional(), 'Only what stands before the first place that this fits.', {
    unset: 'to the end',
  }),
})
type Params = z.infer<typeof params>

export const replaceModule = defineModule<Params, EditState>({
  name: 'replace',
  summary: 'Replace what fits a regular expression in a text file',
  params,
  inspect: (host, params) => inspectEdit(host, params, (text) => edit(text, params)),
  plan: planEdit,
  result: ({ state }) => editResult(state),
})

function edit(text: string | undefined, params: Params): Edited {
  if (text === undefined)
    throw new Refusal(`there is no file ${params.path}`, 'Correct `path`, or make it first.')
  const spend = counted(params.path)
  const [from, to] = part(text, params, spend)
  if (from === undefined) return { text, msg: '' }
  try {
    const regex = PythonRegex.compile(params.regexp, { multiline: true })
    const { text: made, replaced } = regex.replace(text.slice(from, to), params.replace, 0, spend)
    return {
      text: text.slice(0, from) + made + text.slice(to),
      msg: replaced > 0 ? `${replaced} replacements made` : '',
    }
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error
    throw new Refusal(`replace is wrong at character ${error.at + 1}: ${error.message}`)
  }
}

/**
 * Behind the first place that `after` fits, and before the next one, or without `after` the last one, that `before` fits. None
 * where one is not there.
 */
function part(
  text: string,
  { after, before }: Params,
  spend: (steps: number) => void,
): [from: number, to: number] | [undefined] {
  if (after === undefined && before === undefined) return [0, text.length]
  const between = after === undefined ? '(.*)' : before === undefined ? '(.*)' : '(.*?)'
  const regex = PythonRegex.compile(`(?s)${group(after)}(?P<part>${between})${group(before)}`)
  const match = regex.search(text, spend)
  const found = match?.groups[regex.names.get('part')!]
  if (match === undefined || found === undefined) return [undefined]
  const lead =
    after === undefined ? 0 : PythonRegex.compile(`(?s)${group(after)}`).search(match.text, spend)!.end
  return [match.index + lead, match.index + lead + found.length]
}

const group = (source: string | undefined): string => (source === undefined ? '' : `(?:${source})`)
