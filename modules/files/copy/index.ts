import { posix } from 'node:path'
import * as z from 'zod'
import { withoutSlashes } from '../../../contract/ends.ts'
import { Refusal } from '../../../contract/errors.ts'
import { jsonText } from '../../../contract/exact-json.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import {
  anything,
  flag,
  hostPath,
  mapping,
  mode,
  named,
  nonEmpty,
  ownership,
  param,
  scalar,
  text,
} from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { sourceOf } from '../shared/content.ts'
import {
  fileName,
  inspectTarget,
  planTarget,
  type Target,
  validateParam,
  validateWords,
} from '../shared/target.ts'
import { type FolderState, inspectFolder, planFolder } from './folder.ts'

const params = z
  .strictObject({
    src: param(
      nonEmpty().optional(),
      'File or folder beside the playbook or in its `files/`. A folder with `/` at its end stands for what it holds.',
      { from: 'file', example: 'motd', unset: '`content`' },
    ),
    content: param(
      named(z.union([scalar(), mapping(text(), anything()), z.array(anything())]), 'anything').optional(),
      'The content itself, instead of `src`. A mapping or list is written as JSON.',
      { unset: '`src`' },
    ),
    dest: param(hostPath(), 'Where it goes on the host: a file, or a folder when it ends in `/` or is one.', {
      aliases: ['path', 'name'],
      example: '/etc/motd',
    }),
    ...ownership,
    directory_mode: param(mode().optional(), 'Permissions of the folders that copying a folder makes.', {
      unset: "by the host's umask",
    }),
    backup: param(flag().default(false), 'Keep the old file beside, with the time in its name.'),
    force: param(flag().default(true), 'False: a file that is there stays as it is, whatever it holds.'),
    validate: validateParam,
    decrypt: param(
      flag().default(true),
      'Decrypt a file that ansible-vault encrypted. False: it is copied as it is.',
    ),
    remote_src: param(
      flag()
        .refine((value) => !value, 'expected false')
        .optional(),
      'Only false: `src` is on the machine that play runs on.',
      { unset: 'false' },
    ),
  })
  .refine((value) => (value.src === undefined) !== (value.content === undefined), {
    error: "one of 'src' and 'content' is needed, not both",
    path: ['src'],
  })
type Params = z.infer<typeof params>

type State = { kind: 'file'; target: Target } | { kind: 'folder'; folder: FolderState }

/** Files and folders of the controller, or a text, onto the host. Ansible's `copy`. */
export const copyModule = defineModule<Params, State>({
  name: 'copy',
  summary: 'Copy a file, a folder or a text onto the host',
  params,
  async inspect(host: HostReader, params: Params): Promise<State> {
    if (params.content !== undefined) {
      if (params.dest.endsWith('/')) {
        throw new Refusal(
          `${params.dest} is a folder, and a text needs a file's name`,
          `write dest: ${params.dest}NAME`,
        )
      }
      return {
        kind: 'file',
        target: await inspectTarget(
          host,
          params.dest,
          { content: asContent(params.content) },
          undefined,
          params,
        ),
      }
    }
    const src = params.src!
    const tree = await host.controller.tree(withoutSlashes(src))
    if (tree) {
      const into = src.endsWith('/') ? params.dest : posix.join(params.dest, fileName(src))
      return {
        kind: 'folder',
        folder: await inspectFolder(host, tree, withoutSlashes(into), params),
      }
    }
    const { path: _, ...source } = await sourceOf(host, src, params)
    return { kind: 'file', target: await inspectTarget(host, params.dest, source, fileName(src), params) }
  },
  plan(state: State, params: Params): Plan {
    if (state.kind === 'folder') return planFolder(state.folder, params)
    return planTarget(state.target, { ...params, validate: validateWords(params.validate) })
  },
  result: ({ state, params }) => ({
    dest: state.kind === 'file' ? state.target.path : params.dest,
    src: params.src,
  }),
})

function asContent(content: NonNullable<Params['content']>): Buffer {
  if (typeof content === 'object') return Buffer.from(`${jsonText(content, 2)}\n`)
  return Buffer.from(String(content))
}
