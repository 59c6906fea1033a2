import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, flag, nonEmpty, param, text } from '../../contract/params.ts'
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
    block: param(text().default(''), 'The lines to be between the two marks; none takes the block out.', {
      aliases: ['content'],
      example: 'Host db1\n  User admin',
    }),
    state: param(choice('present', 'absent').default('present'), 'Whether the block shall be in the file.'),
    marker: param(
      text({
        expected: "a line with {mark} in it, which stands for 'BEGIN' and 'END'",
        fits: /\{mark\}/,
      }).default('# {mark} ANSIBLE MANAGED BLOCK'),
      'The line before the block, and behind it; as the last line of a file it needs no end.',
    ),
    marker_begin: param(nonEmpty().default('BEGIN'), 'What `{mark}` is before the block.'),
    marker_end: param(nonEmpty().default('END'), 'What `{mark}` is behind it.'),
    insertafter: param(
      pattern().optional(),
      'A new block goes behind the last line that this fits; `EOF` is the end.',
      {
        unset: 'EOF',
      },
    ),
    insertbefore: param(
      pattern().optional(),
      'A new block goes before the last line that this fits; `BOF` is the beginning.',
      {
        unset: '`insertafter`',
      },
    ),
    create: param(flag().default(false), 'A file that is not there is made.'),
    prepend_newline: param(
      flag().default(false),
      'An empty line before the block, where there shall be one.',
    ),
    append_newline: param(flag().default(false), 'An empty line behind it, likewise.'),
  })
  .refine(({ insertafter, insertbefore }) => insertafter === undefined || insertbefore === undefined, {
    error: 'expected nothing beside insertafter',
    path: ['insertbefore'],
  })
type Params = z.infer<typeof params>

export const blockinfileModule = defineModule<Params, EditState>({
  name: 'blockinfile',
  summary: 'Have some lines between two marks in a text file, or have them out',
  params,
  inspect: (host, params) => inspectEdit(host, params, (text) => edit(text, params)),
  plan: planEdit,
  result: ({ state }) => editResult(state),
})

function edit(text: string | undefined, params: Params): Edited | undefined {
  const block = blockOf(params)
  if (text === undefined) {
    if (params.state === 'absent') return undefined
    if (!params.create)
      throw new Refusal(
        `there is no file ${params.path}`,
        'Say `create: true` to have it made, or correct `path`.',
      )
  }
  const lines = linesOf(text ?? '')
  const before = lines.join('')
  const [begin, end] = marksOf(params)
  // The last of each, as Ansible has it; a mark without the other is where the block begins, or ends.
  const first = lines.findLastIndex((line) => bare(line) === begin)
  const last = lines.findLastIndex((line) => bare(line) === end)
  const isThere = first >= 0 && last >= 0
  const at = isThere ? Math.min(first, last) : undefined
  if (at !== undefined) lines.splice(at, Math.abs(last - first) + 1)
  if (block.length > 0) place(lines, block, at ?? placeOf(lines, params), params)
  const made = lines.join('')
  const what =
    text === undefined
      ? 'File created'
      : block.length === 0
        ? 'Block removed'
        : isThere
          ? 'Block updated'
          : 'Block inserted'
  return { text: made, msg: made === before && text !== undefined ? '' : what }
}

const marksOf = ({ marker, marker_begin, marker_end }: Params): [begin: string, end: string] => [
  marker.replaceAll('{mark}', marker_begin),
  marker.replaceAll('{mark}', marker_end),
]

/** With its marks; empty where there shall be none. */
function blockOf(params: Params): string[] {
  if (params.state === 'absent' || params.block === '') return []
  const [begin, end] = marksOf(params)
  const text = params.block.endsWith('\n') ? params.block : `${params.block}\n`
  return [`${begin}\n`, ...linesOf(text), `${end}\n`]
}

function placeOf(lines: readonly string[], { insertbefore, insertafter, path }: Params): number {
  if (insertbefore === 'BOF') return 0
  const wanted = insertbefore ?? insertafter
  if (wanted === undefined || wanted === 'EOF') return lines.length
  const regex = PythonRegex.compile(wanted)
  const spend = counted(path)
  const found = lines.findLastIndex((line) => regex.search(line, spend) !== undefined)
  return found < 0 ? lines.length : insertbefore === undefined ? found + 1 : found
}

function place(lines: string[], block: string[], at: number, params: Params): void {
  if (at > 0 && !lines[at - 1]!.endsWith('\n')) lines[at - 1] += '\n'
  const isBlank = (line: string | undefined) => line === '\n'
  const ahead = params.prepend_newline && at > 0 && !isBlank(lines[at - 1]) ? ['\n'] : []
  const behind = params.append_newline && at < lines.length && !isBlank(lines[at]) ? ['\n'] : []
  lines.splice(at, 0, ...ahead, ...block, ...behind)
}
