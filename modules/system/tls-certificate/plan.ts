import { Refusal } from '../../../contract/errors.ts'
import { type Prediction, predict } from '../../../contract/facts.ts'
import type { Change, FileTarget, Plan, Step } from '../../../contract/plan.ts'
import { plannedCertificateKey } from '../../../contract/shared-facts.ts'
import { attributeChanges } from '../../files/shared/attributes.ts'
import type { Authority } from './authority.ts'
import type { Given } from './given.ts'
import { publicPem } from './given.ts'
import type { Present, State } from './inspect.ts'
import { day, endOf, isForExactly, namesOf } from './names.ts'
import type { Params } from './params.ts'

const DAY = 24 * 60 * 60 * 1000

export function plan(state: State, params: Params): Plan {
  const draft = new Draft(state, params)
  for (const path of state.missing)
    draft.add({ path, before: null, after: 'folder' }, { do: 'directory', path, mode: '0755' })
  // As an earlier task of this check plans it.
  const present =
    'planned' in state.present ? (state.present.planned === state.wish ? null : NOTHING) : state.present
  if (present && 'folder' in state.wanted) issued(draft, state.wanted, present)
  else if (present) given(draft, state.wanted as Given, present)
  for (const file of ['key', 'cert', 'root_cert'] as const) draft.keepAttributes(file)
  const warning = endsSoon(state, params)
  return { ...draft.plan, ...(warning === undefined ? {} : { warnings: [warning] }) }
}

/** What no run can renew, and ends within the days in which it would be. */
function endsSoon({ now, wanted }: State, { given, renew_days }: Params): string | undefined {
  const end = wanted.certificate ? endOf(wanted.certificate) : Number.POSITIVE_INFINITY
  if (end >= now + renew_days * DAY) return undefined
  return 'folder' in wanted
    ? `the certificate authority in ${wanted.folder} ends on ${day(end)}, and with it every certificate that it signed: make a new one before (docs/problems.md, "The authority changes")`
    : `${given!.cert} ends on ${day(end)}: put a new one there`
}

const NOTHING: Present = { publicKey: null, cert: null, certificate: null, rootCert: null }

/** A plan in the making. */
class Draft {
  readonly plan: Plan & { predicts: Prediction[]; notes: string[] } = {
    changes: [],
    steps: [],
    predicts: [],
    notes: [],
  }
  readonly #written = new Set<string>()

  constructor(
    readonly state: State,
    readonly params: Params,
  ) {}

  add(change: Change, ...steps: Step[]): void {
    this.plan.changes.push(change)
    this.plan.steps.push(...steps)
  }

  /** Where a file goes, which the step that is given it writes with owner and mode. */
  target(
    file: 'key' | 'cert' | 'root_cert',
  ): FileTarget & Required<Pick<FileTarget, 'owner' | 'group' | 'mode'>> {
    this.#written.add(file)
    return this.#wanted(file)
  }

  #wanted(file: 'key' | 'cert' | 'root_cert') {
    const { owner, group = owner } = this.params
    return { path: this.params[file], owner, group, mode: file === 'key' ? '0600' : '0644' }
  }

  /** That the wish has come true, so far as it is drafted; and what else the last step makes. */
  predict(...more: Prediction[]): void {
    const rewritten = this.#written.has('key') || this.#written.has('cert')
    const certificate = predict(plannedCertificateKey(this.params.cert), {
      planned: this.state.wish,
      rewritten,
    })
    this.plan.predicts.push(certificate, ...more)
  }

  keepAttributes(file: 'key' | 'cert' | 'root_cert'): void {
    const stat = this.state.stats[file]
    if (!stat || this.#written.has(file)) return
    const { path, ...wanted } = this.#wanted(file)
    const { changes, set } = attributeChanges(path, stat, wanted)
    if (changes.length === 0) return
    this.plan.changes.push(...changes)
    this.plan.steps.push({ do: 'attributes', path, ...set })
  }
}

function issued(draft: Draft, authority: Authority, present: Present): void {
  const { state, params } = draft
  if (state.stats.key && present.publicKey === null && !('planned' in state.present))
    throw new Refusal(
      `openssl cannot read the private key ${params.key}`,
      'It is broken, or has a passphrase, for which the server cannot be asked. Move it away: a new one is made.',
    )
  const reason = whyIssue(state, params, authority, present)
  if (reason === undefined) {
    if (present.rootCert !== authority.text) writeRoot(draft, authority.text!, present)
    return
  }
  if (!authority.canSign)
    throw new Refusal(
      `${authority.folder}/ca.key is missing, so that no certificate can be issued (${reason})`,
      'Put the key there for this run.',
    )
  if (!state.stats.key) newKey(draft)
  if (present.rootCert === null || present.rootCert !== authority.text)
    draft.add({
      path: params.root_cert,
      before: present.rootCert && OTHER_ROOT,
      after: ofAuthority(authority),
    })
  const change = {
    path: params.cert,
    before: described(present),
    after: `for ${params.names.join(', ')}`,
    reason,
  }
  draft.add(change, {
    do: 'issue_certificate',
    title: `the certificate ${params.cert}`,
    request: ['openssl', 'req', '-new', '-key', params.key, '-subj', '/'],
    authority: authority.folder,
    names: params.names,
    days: params.days,
    cert: draft.target('cert'),
    rootCert: draft.target('root_cert'),
  })
  if (!authority.certificate)
    draft.plan.notes.push(`the certificate authority is made in ${authority.folder}: keep a copy of it`)
  draft.predict()
}

/** undefined: the certificate is as wanted. */
function whyIssue(
  { now }: State,
  { names, days, renew_days }: Params,
  { certificate: authority }: Authority,
  { certificate, publicKey }: Present,
): string | undefined {
  if (!certificate) return 'there is none'
  if (!authority || !certificate.checkIssued(authority) || !certificate.verify(authority.publicKey))
    return 'another authority signed it'
  if (publicPem(certificate.publicKey) !== publicKey) return 'it is not for the private key'
  if (!isForExactly(certificate, names)) return 'it is for other names'
  const end = endOf(certificate)
  // A certificate never outlives its authority: issuing it anew must gain something.
  const isShort = end < now + renew_days * DAY && Math.min(now + days * DAY, endOf(authority)) > end + DAY
  return isShort ? `it ends on ${day(end)}` : undefined
}

const OTHER_ROOT = 'another authority'
const ofAuthority = ({ folder }: Authority): string => `the authority in ${folder}`

function writeRoot(draft: Draft, content: string, present: Present): void {
  const target = draft.target('root_cert')
  const change = { path: target.path, before: present.rootCert && OTHER_ROOT, after: 'the wanted authority' }
  draft.add(change, { do: 'write_file', ...target, content })
  draft.predict()
}

/** It is made on the host, and never leaves it. */
function newKey(draft: Draft): void {
  const { path, owner, group, mode } = draft.target('key')
  const output = ['openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const step: Step = {
    do: 'write_file',
    title: `the private key ${path}`,
    path,
    owner,
    group,
    mode,
    content: { output },
  }
  draft.add({ path, before: null, after: `a new private key (${owner}:${group} ${mode})` }, step)
  draft.predict()
}

function given(draft: Draft, wanted: Given, present: Present): void {
  if (present.rootCert !== wanted.rootCert) writeRoot(draft, wanted.rootCert, present)
  if (present.publicKey !== wanted.publicKey) {
    const target = draft.target('key')
    const before = draft.state.stats.key && 'another private key'
    const change = { path: target.path, before, after: 'the given private key' }
    draft.add(change, { do: 'write_file', ...target, content: wanted.key })
    draft.predict()
  }
  if (present.cert !== wanted.cert) {
    const target = draft.target('cert')
    const after = described({ ...NOTHING, certificate: wanted.certificate })
    draft.add(
      { path: target.path, before: described(present), after },
      { do: 'write_file', ...target, content: wanted.cert },
    )
    draft.predict()
  }
}

function described({ cert, certificate }: Present): string | null {
  if (!certificate) return cert === null ? null : 'no certificate'
  return `for ${namesOf(certificate).join(', ')} until ${day(endOf(certificate))}`
}
