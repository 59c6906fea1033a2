import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, flag, param, text } from '../../contract/params.ts'
import { PythonRegex } from '../../contract/regex/index.ts'
import {
  bare,
  counted,
  type Edited,
  type EditState,
  editParams,
  editResult,
  inspectEdit,
  linesOf,
  pattern,
  planEdit,
} from './shared/edit.ts'

const params = z
  .strictObject({
    ...editParams,
    line: param(text().optional(), 'The line to be there, or not to be.', {
      aliases: ['value'],
      example: 'PermitRootLogin no',
      unset: 'needed with `state: present`',
    }),
    state: param(choice('present', 'absent').default('present'), 'Whether the line shall be in the file.'),
    regexp: param(
      pattern().optional(),
      'The last line that it fits somewhere is replaced; with `absent` every one goes.',
      {
        aliases: ['regex'],
        example: '^#?PermitRootLogin',
        unset: 'the line itself',
      },
    ),
    search_string: param(text().optional(), 'The same with a text that the line holds.', {
      unset: '`regexp`',
    }),
    insertafter: param(
      pattern().optional(),
      'A new line goes behind the last line that this fits; `EOF` is the end.',
      {
        unset: 'EOF',
        example: '^Host',
      },
    ),
    insertbefore: param(
      pattern().optional(),
      'A new line goes before the last line that this fits; `BOF` is the beginning.',
      {
        unset: '`insertafter`',
        example: 'BOF',
      },
    ),
    firstmatch: param(flag().default(false), 'The first line that fits counts, not the last.'),
    backrefs: param(
      flag().default(false),
      '`line` may hold `\\1` and the like for groups of `regexp`. Where no line fits, nothing is done.',
    ),
    create: param(flag().default(false), 'A file that is not there is made.'),
  })
  .superRefine((value, context) => {
    const problem = (path: string, message: string) =>
      context.addIssue({ code: 'custom', message, path: [path] })
    const { state, line, regexp, search_string, insertafter, insertbefore } = value
    if (state === 'present' && line === undefined) problem('line', 'expected the line')
    if (state === 'absent' && (line ?? regexp ?? search_string) === undefined)
      problem('line', 'expected line, regexp or search_string')
    if (regexp !== undefined && search_string !== undefined)
      problem('search_string', 'expected nothing beside regexp')
    if (insertafter !== undefined && insertbefore !== undefined)
      problem('insertbefore', 'expected nothing beside insertafter')
    if (value.backrefs && regexp === undefined) problem('backrefs', 'expected a regexp beside it')
  })
type Params = z.infer<typeof params>

export const lineinfileModule = defineModule<Params, EditState>({
  name: 'lineinfile',
  summary: 'Have a line in a text file, or have it out',
  params,
  inspect: (host, params) =>
    inspectEdit(host, params, (text) =>
      params.state === 'present' ? present(text, params) : absent(text, params),
    ),
  plan: planEdit,
  result: ({ state }) => editResult(state),
})

function present(text: string | undefined, params: Params): Edited | undefined {
  if (text === undefined && !params.create)
    throw new Refusal(
      `there is no file ${params.path}`,
      'Say `create: true` to have it made, or correct `path`.',
    )
  const lines = linesOf(text ?? '')
  const msg = put(lines, params)
  return text === undefined && msg === '' ? undefined : { text: lines.join(''), msg }
}

/** Changes the lines, and says how. */
function put(lines: string[], params: Params): string {
  const line = params.line!
  const spend = counted(params.path)
  const find = finderOf(params, spend)
  const at = find && indexOf(lines, find, params.firstmatch)
  if (at !== undefined && at >= 0) {
    const wanted = params.backrefs ? expanded(lines[at]!, params, spend) : line
    const ended = wanted.endsWith('\n') ? wanted : `${wanted}\n`
    if (lines[at] === ended) return ''
    lines[at] = ended
    return 'line replaced'
  }
  const place = placeOf(lines, params, spend)
  // Ansible looks no further than the first line that the place fits.
  const seen = params.firstmatch && place !== undefined ? lines.slice(0, place + 1) : lines
  const same = seen.findLastIndex((one) => bare(one) === line)
  if (same >= 0) {
    if (lines[same] === `${line}\n`) return ''
    lines[same] = `${line}\n`
    return 'line replaced'
  }
  if (params.backrefs) return ''
  return insert(lines, params, place)
}

/** The line that `insertafter` or `insertbefore` fits; undefined for an end of the file. */
function placeOf(
  lines: readonly string[],
  { insertbefore, insertafter, firstmatch }: Params,
  spend: (steps: number) => void,
): number | undefined {
  const wanted = insertbefore ?? insertafter
  if (wanted === undefined || wanted === 'BOF' || wanted === 'EOF') return undefined
  const regex = PythonRegex.compile(wanted)
  const found = indexOf(lines, (one) => regex.search(one, spend) !== undefined, firstmatch)
  return found < 0 ? undefined : found
}

function insert(lines: string[], params: Params, place: number | undefined): string {
  const { insertbefore, insertafter } = params
  const line = `${params.line}\n`
  if (insertbefore === 'BOF' || insertafter === 'BOF') lines.unshift(line)
  else {
    const at = place === undefined ? lines.length : insertbefore === undefined ? place + 1 : place
    if (insertbefore === undefined && place !== undefined && bare(lines[at] ?? '\0') === params.line)
      return ''
    if (at > 0 && !/[\r\n]$/.test(lines[at - 1]!)) lines[at - 1] += '\n'
    lines.splice(at, 0, line)
  }
  return 'line added'
}

type Fits = (line: string) => boolean

function finderOf({ regexp, search_string }: Params, spend: (steps: number) => void): Fits | undefined {
  if (search_string !== undefined) return (line) => line.includes(search_string)
  if (regexp === undefined) return undefined
  const regex = PythonRegex.compile(regexp)
  return (line) => regex.search(line, spend) !== undefined
}

const indexOf = (lines: readonly string[], fits: Fits, first: boolean): number =>
  first ? lines.findIndex(fits) : lines.findLastIndex(fits)

/** The line with its groups, as the replacement of what fitted. */
function expanded(found: string, { regexp, line }: Params, spend: (steps: number) => void): string {
  const regex = PythonRegex.compile(regexp!)
  const match = regex.search(found, spend)!
  const { text } = regex.replace(found, line!, 1, spend)
  return text.slice(match.index, text.length - (found.length - match.end))
}

function absent(text: string | undefined, params: Params): Edited | undefined {
  if (text === undefined) return undefined
  const lines = linesOf(text)
  const find = finderOf(params, counted(params.path)) ?? ((one: string) => bare(one) === params.line)
  const kept = lines.filter((one) => !find(one))
  const gone = lines.length - kept.length
  return { text: kept.join(''), msg: gone > 0 ? `${gone} line(s) removed` : '' }
}
