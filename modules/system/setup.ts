import * as z from 'zod'
import { matchesGlob } from '../../contract/glob.ts'
import { defineModule } from '../../contract/module.ts'
import { integer, param, text, texts } from '../../contract/params.ts'

const NO_EFFECT = 'Taken, and of no effect: all facts are one round trip.'

const params = z.strictObject({
  filter: param(texts().default([]), 'Only facts that one of these fits; `*` and `?` stand for letters.', {
    example: 'ansible_distribution*',
  }),
  gather_subset: param(texts().default(['all']), NO_EFFECT),
  gather_timeout: param(integer(0).default(10), NO_EFFECT),
  fact_path: param(
    text().optional(),
    'Taken, and of no effect: local facts are those of /etc/ansible/facts.d.',
    {
      unset: '`/etc/ansible/facts.d`',
    },
  ),
})
type Params = z.infer<typeof params>

/** Gathers facts in the middle of a play. Ansible's `setup`. */
export const setupModule = defineModule<Params, Record<string, unknown>>({
  name: 'setup',
  summary: 'Gather the facts of the host',
  changesNothing: () => true,
  gathersFacts: true,
  params,
  inspect: (host) => host.facts(),
  plan: () => ({ changes: [], steps: [] }),
  result: ({ state, params }) => ({ ansible_facts: filtered(state, params.filter) }),
})

function filtered(facts: Record<string, unknown>, patterns: readonly string[]): Record<string, unknown> {
  const isWanted = (name: string) =>
    patterns.length === 0 ||
    patterns.some((pattern) => matchesGlob(pattern, name) || matchesGlob(`ansible_${pattern}`, name))
  return Object.fromEntries(
    Object.entries(facts).filter(([name]) => name !== 'ansible_facts' && isWanted(name)),
  )
}
