import * as z from 'zod'
import { type Prediction, predict } from '../../../contract/facts.ts'
import { defineModule } from '../../../contract/module.ts'
import {
  choice,
  duration,
  flag,
  hostPath,
  list,
  nonEmpty,
  param,
  text,
  texts,
} from '../../../contract/params.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { explainApt, fetchFailed } from '../shared/explain.ts'
import { plannedSourcesKey } from '../shared/predictions.ts'
import { updateSteps } from '../shared/steps.ts'
import { conflictNotes, inspectRepo, type RepoState } from './inspect.ts'
import { fingerprintProblem } from './key.ts'

const word = (what: string) =>
  texts().refine(
    (list) => list.every((one) => one !== '' && !/[\s[\]#]/.test(one)),
    `expected ${what} without spaces`,
  )

const key = z
  .strictObject({
    url: param(
      text({ expected: 'an http or https address', fits: /^https?:\/\// }).optional(),
      'Where play fetches it, on the controller, unless the host holds that very key.',
      { unset: 'one of url, file and text is needed' },
    ),
    file: param(nonEmpty().optional(), 'A file beside the playbook or in its `files/`.', {
      from: 'file',
      unset: 'one of url, file and text is needed',
    }),
    text: param(nonEmpty().optional(), 'The armoured key itself.', {
      aliases: ['inline', 'data', 'content'],
      unset: 'one of url, file and text is needed',
    }),
    fingerprint: param(
      text({ expected: 'the fingerprint in quotes, 40 hexadecimal digits', quoted: true }).superRefine(
        (text, context) => {
          const problem = fingerprintProblem(text)
          if (problem) context.addIssue({ code: 'custom', message: problem, input: text })
        },
      ),
      'All 40 hexadecimal digits; spaces and case do not matter.',
    ),
  })
  .refine(
    (value) => [value.url, value.file, value.text].filter((one) => one !== undefined).length === 1,
    'one of url, file and text says where the key is',
  )

export const repoParams = z
  .strictObject({
    name: param(
      text({
        expected: 'letters, digits, _ . -, since apt overlooks files with other names',
        fits: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
      }),
      'What its files are called.',
      { example: 'pgdg' },
    ),
    state: param(choice('present', 'absent').default('present'), 'Whether it is to be there.'),
    format: param(
      choice('deb822', 'list').default('deb822'),
      'The deb822 form in NAME.sources, or the one-line form in NAME.list.',
    ),
    types: param(list(choice('deb', 'deb-src')).default(['deb']), '`deb`, `deb-src` or both.'),
    uris: param(word('addresses').optional(), 'Its address or addresses.', {
      aliases: ['url', 'uri', 'urls'],
      example: 'http://packages.example/pgdg',
      unset: 'needed with `state: present`',
    }),
    suites: param(word('suites').optional(), 'Its suite or suites.', {
      aliases: ['suite'],
      example: 'bookworm-pgdg',
      unset: 'needed with `state: present`',
    }),
    components: param(word('components').optional(), 'Its components.', {
      aliases: ['component'],
      example: 'main',
      unset: '`main`; none for a suite that ends in `/`',
    }),
    architectures: param(word('architectures').default([]), 'Only these architectures.', {
      aliases: ['architecture', 'arch'],
      example: 'amd64',
      unset: "the host's",
    }),
    key: param(
      key.optional(),
      'The key that signs it. Trusted for this repository alone, and only when its fingerprint is the one given.',
      { unset: 'the keyring at `signed_by`' },
    ),
    signed_by: param(
      hostPath()
        .refine(
          (path) => /^[^\s,[\]]+$/.test(path),
          'a path without blanks, commas and brackets, which end it in a sources list',
        )
        .optional(),
      'Where the keyring is: written there with `key`, taken as it is without.',
      { unset: '/etc/apt/keyrings/NAME.asc' },
    ),
    update: param(
      flag().default(true),
      "Fetch the repository's package lists when it changed, or when they are missing.",
      { aliases: ['update_cache'] },
    ),
    lock_timeout: param(
      duration({ max: 86_400, whole: true }).default(120),
      'How long to wait while another package manager is at work.',
    ),
  })
  .superRefine((value, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', message, path: [path], input: value })
    if (value.state === 'absent') return
    if (!value.uris?.length) issue('uris', "'uris' is needed: the repository's address")
    if (!value.suites?.length) issue('suites', "'suites' is needed, for example bookworm-pgdg")
    const exact = value.suites?.some((suite) => suite.endsWith('/'))
    if (exact && value.components?.length) issue('components', "a suite that ends in '/' has no components")
  })
export type RepoParams = z.infer<typeof repoParams>

/** A Debian package repository with a key of its own, and its package lists. */
export const aptRepoModule = defineModule<RepoParams, RepoState>({
  name: 'apt_repo',
  summary: 'Add or remove a Debian package repository and the key it is signed with',
  params: repoParams,
  inspect: inspectRepo,
  plan,
  result({ state, outputs }) {
    const fields = {
      path: state.source?.path,
      keyring: state.keyring?.path,
      fingerprint: state.keyring?.fingerprint,
    }
    const output = outputs?.map((one) => one.stdout + one.stderr).join('') ?? ''
    if (!fetchFailed(output)) return fields
    const { lines, hint } = explainApt(output)
    return {
      ...fields,
      failed: true,
      msg: [`the package lists could not be fetched: ${lines.join('\n')}`, hint].filter(Boolean).join('\n'),
    }
  },
})

function plan(state: RepoState, params: RepoParams): Plan {
  const changes: Change[] = []
  const steps: Step[] = []
  for (const path of state.leftovers) {
    changes.push({ path, before: 'file', after: null })
    steps.push({ do: 'remove', path })
  }
  const removed = [...state.planned.removed, ...state.leftovers]
  if (!state.source) return { changes, steps, predicts: predicted(state, removed, changes) }
  if (state.keyring && !state.keyring.same) {
    const { path, content, fingerprint, present } = state.keyring
    if (!state.keyring.folderThere)
      steps.push({ do: 'directory', path: path.slice(0, path.lastIndexOf('/')), mode: '0755' })
    changes.push({ path, before: present ? 'another key' : null, after: `key ${fingerprint}` })
    steps.push({ do: 'write_file', path, content, owner: 'root', group: 'root', mode: '0644' })
  }
  if (state.source.present !== state.source.text) {
    const { path, text, present } = state.source
    changes.push({ path, before: present, after: text, text: true })
    // One that is there keeps its rights: its address may hold a password.
    const rights = present === null ? { mode: '0644' } : {}
    steps.push({ do: 'write_file', path, content: text, owner: 'root', group: 'root', ...rights })
  }
  if (params.update && (changes.length > 0 || !state.listsThere)) {
    changes.push({
      path: `package lists of ${params.name}`,
      before: state.listsThere ? 'as they were' : null,
      after: 'fetched',
    })
    steps.push(...updateSteps(params.lock_timeout, state.source.path))
  }
  return { changes, steps, predicts: predicted(state, removed, changes), notes: conflictNotes(state, params) }
}

/** What apt_install needs in check mode, to read the lists that would be fetched. */
function predicted(state: RepoState, removed: string[], changes: Change[]): Prediction[] | undefined {
  if (changes.length === 0) return undefined
  const { sources, keys } = state.planned
  const path = state.source?.path
  const gone = (other: string) => removed.includes(other) || other === path
  return [
    predict(plannedSourcesKey(), {
      sources: [
        ...sources.filter((one) => !gone(one.path)),
        ...(state.preview ? [state.preview.source] : []),
      ],
      keys: [...keys.filter((one) => one.path !== state.keyring?.path), ...(state.preview?.keys ?? [])],
      removed: removed.filter((one) => one !== path),
    }),
  ]
}
